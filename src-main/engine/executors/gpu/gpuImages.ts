/**
 * An image set on the device, its values packed to words as they lie in memory. A set that fits into one buffer is uploaded once; a larger one
 * is streamed: each window of steps uploads the images it needs.
 */
import { emptyPixels, type ImageSet } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { bytesText } from '#shared/layout/bytesText'
import { bufferUsage } from './constants'

/** Upload in pieces: an implementation copies each into its own staging memory. */
const uploadPieceBytes = 16 * 1024 * 1024

/** How much of a device images may take. */
export interface ImageLimits {
  /** A larger set is streamed, as is one for which the device has no room. */
  residentBytes: number
  /** What a streamed set keeps on the device. */
  windowBytes: number
}

export const defaultImageLimits: ImageLimits = { residentBytes: Infinity, windowBytes: 64 * 1024 * 1024 }

export class GpuImages {
  private constructor(
    private readonly device: GPUDevice,
    private images: ImageSet,
    private current: GPUBuffer,
    /** Most images of one window; the whole set when it is resident. */
    private capacity: number,
    private readonly resident: boolean,
  ) {}

  /** Throws IMAGES_EXCEED_MEMORY. */
  static async upload(device: GPUDevice, images: ImageSet, limits: ImageLimits): Promise<GpuImages> {
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize)
    const { residentBytes, windowBytes } = limits
    const bytes = images.pixels.byteLength
    const mayStay = images.changing !== true && bytes + 4 <= Math.min(limit, residentBytes)
    const buffer = mayStay ? await tryCreate(device, bytes) : null
    if (buffer) {
      // The pixels live on the device from here on; only the labels are kept.
      const labelsOnly = { ...images, pixels: emptyPixels(images.pixels, 0), labels: images.labels.slice() }
      const resident = new GpuImages(device, labelsOnly, buffer, images.count, true)
      resident.write(bytesOf(images))
      return resident
    }
    const imageBytes = bytesPerImage(images)
    let capacity = Math.max(1, Math.floor(Math.min(windowBytes, limit) / imageBytes))
    let window = await tryCreate(device, capacity * imageBytes)
    // A plan may have left little of the device.
    while (!window && capacity > 1) {
      capacity >>= 1
      window = await tryCreate(device, capacity * imageBytes)
    }
    if (!window) throw new InterlockError('IMAGES_EXCEED_MEMORY', { needed: bytesText(imageBytes) })
    return new GpuImages(device, images, window, capacity, false)
  }

  /** Takes another set of images of the same size in place of this one, where windows of both are uploaded anyway. */
  replace(images: ImageSet): boolean {
    const { height, width, channels } = this.images
    const same =
      images.height === height &&
      images.width === width &&
      images.channels === channels &&
      images.pixels.BYTES_PER_ELEMENT === this.pixelBytes
    if (this.resident || images.changing !== true || !same) return false
    this.images = images
    return true
  }

  get buffer(): GPUBuffer {
    return this.current
  }

  get count(): number {
    return this.images.count
  }

  /** `[height, width, channels]` */
  get shape(): readonly [number, number, number] {
    return [this.images.height, this.images.width, this.images.channels]
  }

  /** Bytes of a value. */
  get pixelBytes(): number {
    return this.images.pixels.BYTES_PER_ELEMENT
  }

  /** Makes room for windows of this many images; true when `buffer` is another one now. */
  reserve(images: number): boolean {
    if (this.resident || images <= this.capacity) return false
    this.current.destroy()
    this.capacity = images
    this.current = this.device.createBuffer(descriptor(images * this.imageBytes))
    return true
  }

  /**
   * Makes the images of one window ready. `entries` receives, per image, its place in the buffer and its label.
   * `indices` may not be longer than `windowImages`.
   */
  provide(indices: Uint32Array, entries: Int32Array): void {
    indices.forEach((index, position) => {
      entries[2 * position] = this.resident ? index : position
      entries[2 * position + 1] = this.images.labels[index]!
    })
    if (this.resident) return
    const bytes = this.imageBytes
    const packed = new Uint8Array(indices.length * bytes)
    const all = bytesOf(this.images)
    indices.forEach((index, position) =>
      packed.set(all.subarray(index * bytes, (index + 1) * bytes), position * bytes),
    )
    this.write(packed)
  }

  /** How many images the next window may hold. */
  get windowImages(): number {
    return this.resident ? Infinity : this.capacity
  }

  private get imageBytes(): number {
    return bytesPerImage(this.images)
  }

  private write(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += uploadPieceBytes) {
      const end = Math.min(start + uploadPieceBytes, bytes.length)
      // A copy: pixels may be shared memory, and writes must be whole words.
      const piece = new Uint8Array(Math.ceil((end - start) / 4) * 4)
      piece.set(bytes.subarray(start, end))
      this.device.queue.writeBuffer(this.current, start, piece)
    }
  }

  destroy(): void {
    this.current.destroy()
  }
}

function bytesPerImage({ height, width, channels, pixels }: ImageSet): number {
  return height * width * channels * pixels.BYTES_PER_ELEMENT
}

/** The bytes behind a set's pixels. */
function bytesOf({ pixels }: ImageSet): Uint8Array {
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)
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
