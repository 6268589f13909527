/** The WebGPU executor under plain Node (Dawn). In Electron the device lives in a window: see `remote.ts`. */
import type { Executor, ExecutorInfo } from '#shared/engine/executor'
import type { ExecutorReport } from '#shared/engine/protocol'
import { InterlockError } from '#shared/issues/errors'
import { DawnProblem, openDawn } from './gpu/dawn'
import { GpuExecutor } from './gpu/gpuExecutor'
import { openAdapter, openDevice, type GpuAdapter } from './gpu/openDevice'

/** Dawn lives only as long as its `GPU` object is referred to: adapters and devices do not keep it alive themselves. */
const open = new Set<GPU>()

async function openNodeAdapter(gpu: GPU): Promise<GpuAdapter> {
  const found = await openAdapter(gpu)
  if (!found) throw new DawnProblem('no graphics adapter with WebGPU support was found')
  return found
}

/** What `doctor` and the status bar say about WebGPU. Never throws. */
export async function probeWebGpu(): Promise<ExecutorReport> {
  try {
    const { name, software } = await openNodeAdapter(await openDawn())
    return { kind: 'webgpu', available: true, name, software, threads: 1, problem: null }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { kind: 'webgpu', available: false, name: 'WebGPU', software: false, threads: 1, problem }
  }
}

export function webGpuInfo({ name, software }: Pick<GpuAdapter, 'name' | 'software'>): ExecutorInfo {
  const reason = software ? 'WebGPU was asked for; this adapter is software' : 'A graphics adapter is there'
  return { kind: 'webgpu', name, threads: 1, software, reason }
}

/** Throws EXECUTOR_UNAVAILABLE with the reason. */
export async function createWebGpuExecutor(): Promise<Executor> {
  let gpu: GPU | null = null
  try {
    const opened = (gpu = await openDawn())
    open.add(opened)
    const found = await openNodeAdapter(opened)
    const device = await openDevice(found.adapter)
    return new GpuExecutor(device, webGpuInfo(found), () => open.delete(opened))
  } catch (error) {
    if (gpu) open.delete(gpu)
    const problem = error instanceof Error ? error.message : String(error)
    throw new InterlockError('EXECUTOR_UNAVAILABLE', { executor: 'webgpu', problem }, { cause: error })
  }
}
