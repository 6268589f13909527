/** Holds Chromium's WebGPU device and computes with it for whoever is at the other end of the port. */
import { portChannel } from '#shared/rpc/channel'
import { createGpuExecutor, probeGpu } from '../executors/gpu/gpuBackend'
import { serveExecutors } from '../executors/remote/serveExecutors'

async function openChromiumGpu(): Promise<GPU> {
  // Absent in an insecure context, and where WebGPU is switched off; the type does not say so.
  const gpu = navigator.gpu as GPU | undefined
  if (!gpu) throw new Error('this Chromium offers no WebGPU')
  return gpu
}

self.addEventListener('message', ({ ports }: MessageEvent<null>) => {
  const [port] = ports
  if (!port) return
  const channel = portChannel(port)
  serveExecutors(
    {
      ...channel,
      onClose: (handler) =>
        channel.onClose(() => {
          handler()
          self.close()
        }),
    },
    {
      probe: () => probeGpu(openChromiumGpu),
      create: () => createGpuExecutor(openChromiumGpu),
    },
  )
})
