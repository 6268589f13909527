/**
 * The hidden window's page. It computes nothing itself: it hands the port that the preload brings to a worker, so that a page
 * that stalls (throttled, laid out) never holds up a step.
 */
import GpuWorker from './gpuWorker?worker'

let worker: Worker | null = null

window.addEventListener('message', ({ data, ports, origin }: MessageEvent<unknown>) => {
  const [port] = ports
  if (origin !== window.location.origin || !port) return
  if (typeof data !== 'object' || data === null || !('interlockPort' in data)) return
  // A new line (the engine was started again) gets a fresh device; the old one has nobody left to serve.
  worker?.terminate()
  worker = new GpuWorker()
  worker.postMessage(null, [port])
})
