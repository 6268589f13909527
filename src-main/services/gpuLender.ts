import type { MessagePort } from 'node:worker_threads'

/** A shell that lends its WebGPU device to the engine's thread, where that cannot open one itself (the desktop shell). */
export interface GpuLender {
  /** A fresh port to the device, to be handed to the engine's thread. The port of before ends. */
  openPort(): MessagePort
  /** Calls `listener` when a device is to be had again after one was lost. */
  onRenewed(listener: () => void): void
}
