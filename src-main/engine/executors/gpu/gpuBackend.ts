/** Reports on and creates WebGPU executors from whatever gives the `GPU` object. */
import type { Executor, ExecutorInfo } from '#shared/engine/executor'
import type { ExecutorReport } from '#shared/engine/protocol'
import { InterlockError } from '#shared/issues/errors'
import { GpuExecutor } from './gpuExecutor'
import { openAdapter, openDevice, type GpuAdapter } from './openDevice'

/** Gives the `GPU` object, or throws an error whose message says why there is none. */
export type OpenGpu = () => Promise<GPU>

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function findAdapter(gpu: GPU): Promise<GpuAdapter> {
  const found = await openAdapter(gpu)
  if (!found) throw new Error('no graphics adapter with WebGPU support was found')
  return found
}

/** What there is; never throws. */
export async function probeGpu(openGpu: OpenGpu): Promise<ExecutorReport> {
  try {
    const { name, software } = await findAdapter(await openGpu())
    return { kind: 'webgpu', available: true, name, software, threads: 1, problem: null }
  } catch (error) {
    const problem = problemOf(error)
    return { kind: 'webgpu', available: false, name: 'WebGPU', software: false, threads: 1, problem }
  }
}

/** `GPU` objects in use: Dawn lives only as long as something refers to its one, and devices do not. */
const inUse = new Set<GPU>()

/** Throws EXECUTOR_UNAVAILABLE with the reason. */
export async function createGpuExecutor(openGpu: OpenGpu): Promise<Executor> {
  try {
    const gpu = await openGpu()
    const { adapter, name, software } = await findAdapter(gpu)
    const device = await openDevice(adapter)
    inUse.add(gpu)
    const reason = software ? 'This adapter computes on the processor.' : 'A graphics adapter is available.'
    const info: ExecutorInfo = { kind: 'webgpu', name, threads: 1, software, reason }
    return new GpuExecutor(device, info, () => inUse.delete(gpu))
  } catch (error) {
    const details = { executor: 'webgpu', problem: problemOf(error) }
    throw new InterlockError('EXECUTOR_UNAVAILABLE', details, { cause: error })
  }
}
