/**
 * An image set on the device, as bytes packed four to a word. A set that fits into one buffer is uploaded once; a larger one
 * is streamed: each window of steps uploads the images it needs.
 */
import type { ImageSet } from '#shared/engine/tensors'
import { bufferUsage } from './constants'

/** Upload in pieces: an implementation copies each into its own staging memory. */
const uploadPieceBytes = 16 * 1024 * 1024
const streamBytes = 64 * 1024 * 1024

export class GpuImages {
  private constructor(
    private readonly device: GPUDevice,
    private readonly images: ImageSet,
    readonly buffer: GPUBuffer,
    /** Most images of one window; the whole set when it is resident. */
    readonly capacity: number,
    private readonly resident: boolean,
  ) {}

  static async upload(device: GPUDevice, images: ImageSet): Promise<GpuImages> {
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize)
    const bytes = images.pixels.byteLength
    const buffer = bytes + 4 <= limit ? await tryCreate(device, bytes) : null
    if (buffer) {
      // The pixels live on the device from here on; only the labels are kept.
      const labelsOnly = { ...images, pixels: new Uint8Array(0), labels: images.labels.slice() }
      const resident = new GpuImages(device, labelsOnly, buffer, images.count, true)
      resident.write(images.pixels)
      return resident
    }
    const imageBytes = images.height * images.width * images.channels
    const capacity = Math.max(1, Math.floor(Math.min(streamBytes, limit) / imageBytes))
    const window = device.createBuffer(descriptor(capacity * imageBytes))
    return new GpuImages(device, images, window, capacity, false)
  }

  get count(): number {
    return this.images.count
  }

  /** `[height, width, channels]` */
  get shape(): readonly [number, number, number] {
    return [this.images.height, this.images.width, this.images.channels]
  }

  /**
   * Makes the images of one window ready. `entries` receives, per image, its place in the buffer and its label.
   * `indices` may not be longer than `capacity` unless the set is resident.
   */
  provide(indices: Uint32Array, entries: Int32Array): void {
    indices.forEach((index, position) => {
      entries[2 * position] = this.resident ? index : position
      entries[2 * position + 1] = this.images.labels[index]!
    })
    if (this.resident) return
    const bytes = this.images.height * this.images.width * this.images.channels
    const packed = new Uint8Array(indices.length * bytes)
    indices.forEach((index, position) =>
      packed.set(this.images.pixels.subarray(index * bytes, (index + 1) * bytes), position * bytes),
    )
    this.write(packed)
  }

  /** How many images the next window may hold. */
  get windowImages(): number {
    return this.resident ? Infinity : this.capacity
  }

  private write(pixels: Uint8Array): void {
    for (let start = 0; start < pixels.length; start += uploadPieceBytes) {
      const end = Math.min(start + uploadPieceBytes, pixels.length)
      // A copy: pixels may be shared memory, and writes must be whole words.
      const piece = new Uint8Array(Math.ceil((end - start) / 4) * 4)
      piece.set(pixels.subarray(start, end))
      this.device.queue.writeBuffer(this.buffer, start, piece)
    }
  }

  destroy(): void {
    this.buffer.destroy()
  }
}

function descriptor(bytes: number): GPUBufferDescriptor {
  const size = Math.max(16, Math.ceil(bytes / 4) * 4)
  return { label: 'images', size, usage: bufferUsage.storage | bufferUsage.copyDestination }
}

async function tryCreate(device: GPUDevice, bytes: number): Promise<GPUBuffer | null> {
  device.pushErrorScope('out-of-memory')
  const buffer = device.createBuffer(descriptor(bytes))
  if (!(await device.popErrorScope())) return buffer
  buffer.destroy()
  return null
}
