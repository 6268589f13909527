/**
 * WebGPU on this machine. Under plain Node that is Dawn in this process. Electron cannot use Dawn: there a hidden window
 * lends its device, once {@link useRemoteGpu} has been told how to reach it.
 */
import type { Executor } from '#shared/engine/executor'
import type { ExecutorReport } from '#shared/engine/protocol'
import type { Channel } from '#shared/rpc/channel'
import { openDawn } from './gpu/dawn'
import { createGpuExecutor, probeGpu } from './gpu/gpuBackend'
import { RemoteGpu } from './remote'

let remote: RemoteGpu | null = null

/** From now on executors live at the other end of this line (see `hostWindow/`); null: in this process again. */
export function useRemoteGpu(channel: Channel | null): void {
  remote = channel && new RemoteGpu(channel)
}

/** What `doctor` and the status bar say about WebGPU. Never throws. */
export async function probeWebGpu(): Promise<ExecutorReport> {
  return remote ? remote.probe() : probeGpu(openDawn)
}

/** Throws EXECUTOR_UNAVAILABLE with the reason. */
export async function createWebGpuExecutor(): Promise<Executor> {
  return remote ? remote.open() : createGpuExecutor(openDawn)
}
