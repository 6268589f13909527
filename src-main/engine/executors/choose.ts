/**
 * Which executor computes. `auto` takes a real graphics adapter, else the CPU; an adapter that itself runs on the processor
 * is slower than the CPU executor and is taken only when asked for.
 */
import { availableParallelism } from 'node:os'
import type { Executor, ExecutorChoice, ExecutorInfo } from '#shared/engine/executor'
import type { ExecutorReport, ProbeResult } from '#shared/engine/protocol'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { loadKernels } from '../wasm/loadKernels'
import { createWasmExecutor } from './wasm'
import { createWebGpuExecutor, probeWebGpu } from './webgpu'

/** Why `auto` passes WebGPU over, as a sentence; null when it takes it. */
function whyNotWebGpu(report: ExecutorReport): string | null {
  if (!report.available) return `No graphics adapter can be used: ${report.problem ?? 'none was found'}.`
  if (report.software)
    return `The only WebGPU adapter (${report.name}) is software, which is slower than the CPU executor.`
  return null
}

async function createCpu(threads: number | null, reason: string): Promise<Executor> {
  try {
    const executor = await createWasmExecutor({ threads })
    executor.info.reason = `${reason} ${executor.info.reason}`
    return executor
  } catch (thrown) {
    const problem = toInterlockError(thrown).message
    throw new InterlockError('EXECUTOR_UNAVAILABLE', { executor: 'cpu', problem }, { cause: thrown })
  }
}

async function createWebGpu(reason: string): Promise<Executor> {
  const executor = await createWebGpuExecutor()
  executor.info.reason = reason
  return executor
}

/** Creates the chosen executor; its `info.reason` says why it is this one. Throws EXECUTOR_UNAVAILABLE. */
export async function chooseExecutor(choice: ExecutorChoice, threads: number | null): Promise<Executor> {
  if (choice === 'cpu') return createCpu(threads, 'The CPU was asked for.')
  const report = await probeWebGpu()
  if (choice === 'webgpu') {
    if (!report.available) {
      const problem = report.problem ?? 'no adapter was found'
      throw new InterlockError('EXECUTOR_UNAVAILABLE', { executor: 'webgpu', problem })
    }
    return createWebGpu('WebGPU was asked for.')
  }
  const refusal = whyNotWebGpu(report)
  if (refusal !== null) return createCpu(threads, refusal)
  try {
    return await createWebGpu('A graphics adapter is available.')
  } catch (thrown) {
    return createCpu(threads, `${report.name} could not be started: ${toInterlockError(thrown).message}`)
  }
}

/** What this machine offers, and what `auto` takes. */
export async function probeExecutors(): Promise<ProbeResult> {
  const webgpu = await probeWebGpu()
  const threads = availableParallelism()
  const kernels = await loadKernels({ wide: true })
  const cpu: ExecutorReport = {
    kind: 'cpu',
    available: true,
    name: threads === 1 ? 'CPU, 1 thread' : `CPU, ${threads} threads`,
    software: false,
    threads,
    problem: null,
    note: kernels.reason,
  }
  const refusal = whyNotWebGpu(webgpu)
  const taken = refusal === null ? webgpu : cpu
  const auto: ExecutorInfo = {
    kind: taken.kind,
    name: taken.name,
    threads: taken.threads,
    software: taken.software,
    reason: refusal ?? 'A graphics adapter is available.',
  }
  return { executors: [webgpu, cpu], auto }
}
