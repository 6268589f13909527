/**
 * Watches a device: once it is lost, everything that waits for it and every later call fails with DEVICE_LOST. Errors that
 * WebGPU reports outside of any call (a defect of ours) are kept and thrown at the next chance instead of vanishing.
 */
import { InterlockError } from '#shared/issues/errors'

/** A call that fails because the device is going may fail a moment before the loss itself is reported. */
const lossReportMilliseconds = 200

export class DeviceGuard {
  private failure: InterlockError | null = null
  private readonly waiting = new Set<(error: InterlockError) => void>()
  private released = false

  constructor(readonly device: GPUDevice) {
    void device.lost.then(({ reason, message }) => {
      if (this.released) return
      this.fail(new InterlockError('DEVICE_LOST', { problem: message || reason || 'no reason given' }))
    })
    device.onuncapturederror = ({ error }) =>
      this.fail(new InterlockError('INTERNAL', { problem: `WebGPU: ${error.message}` }))
  }

  private fail(error: InterlockError): void {
    this.failure ??= error
    for (const reject of this.waiting) reject(this.failure)
    this.waiting.clear()
  }

  /** Throws what went wrong before, if anything did. */
  check(): void {
    if (this.failure) throw this.failure
  }

  /** Waits for the device; rejects at once when it is lost. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    this.check()
    let onLoss: (error: InterlockError) => void = () => {}
    const loss = new Promise<never>((_, reject) => {
      onLoss = reject
    })
    this.waiting.add(onLoss)
    try {
      const value = await Promise.race([promise, loss])
      this.check()
      return value
    } catch (error) {
      if (!this.failure) await new Promise((resolve) => setTimeout(resolve, lossReportMilliseconds))
      throw this.failure ?? error
    } finally {
      this.waiting.delete(onLoss)
    }
  }

  /** Destroys the device; calls that still wait fail. */
  release(): void {
    if (this.released) return
    this.released = true
    this.fail(new InterlockError('DEVICE_LOST', { problem: 'the executor was disposed of' }))
    this.device.destroy()
  }
}
