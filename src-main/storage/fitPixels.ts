import type { BandChoice } from '#shared/data/bandChoice'
import { bytesPerNumber, type NumberType } from '#shared/data/imageFacts'
import { emptyPixels, type Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { resampleImage } from './resampleImage'

/** How an image becomes the input block's size: distorted, centre kept, or black bars added. */
export type ResizeMode = 'stretch' | 'crop' | 'pad'

/** Size and bands the network's input block asks for, and how values are held. */
export interface ImageTarget {
  height: number
  width: number
  channels: number
  resize: ResizeMode
  /** Bytes where it is not given. */
  numbers?: NumberType
  /** Null or not given: all bands of a raster; grey or colour of a picture. Else `channels` is how many are wanted. */
  bands?: BandChoice | null
}

/** Numbers of an image of a target. */
export function imageLength({ height, width, channels }: ImageTarget): number {
  return height * width * channels
}

/** Bytes of an image of a target. */
export function imageBytes(target: ImageTarget): number {
  return imageLength(target) * bytesPerNumber(target.numbers ?? 'uint8')
}

/**
 * The resampling filter, as recorded in model files: linear interpolation between pixel centres, widened to a triangle over
 * all pixels it covers where an image is reduced. Torchvision's `Resize` with antialiasing and Pillow's `BILINEAR` do the
 * same; reducing, libvips first averages whole pixels and differs from them by about half a grey level on average.
 */
export const resizeFilter = 'bilinear-antialias'

/** Brings pixels in memory, `[height][width][channels]`, to the size and bands of a target; their number type stays. */
export function fitPixels<P extends Pixels>(
  pixels: P,
  size: { height: number; width: number; channels: number },
  target: ImageTarget,
): P {
  const { channels } = size
  return convertBands(resizePixels(pixels, size, target), channels, target.channels)
}

/** As {@link fitPixels}, all bands kept. */
export function resizePixels<P extends Pixels>(
  pixels: P,
  size: { height: number; width: number; channels: number },
  target: ImageTarget,
): P {
  const inner = innerSize(size, target)
  const same = inner.width === size.width && inner.height === size.height
  const resized = same ? pixels : resampleImage(pixels, size, inner)
  return placeImage(resized, inner, target, size.channels)
}

export interface Size {
  width: number
  height: number
}

/** The size an image is resampled to, before it is cropped or gets its bars. */
export function innerSize(size: Size, target: ImageTarget): Size {
  if (target.resize === 'stretch') return { width: target.width, height: target.height }
  const factors = [target.width / size.width, target.height / size.height]
  const factor = target.resize === 'crop' ? Math.max(...factors) : Math.min(...factors)
  const scaled = (n: number) => Math.max(1, Math.round(n * factor))
  return { width: scaled(size.width), height: scaled(size.height) }
}

/** Puts an image into the middle of a black one of another size, floats into one of no data; what reaches beyond is cut off. */
export function placeImage<P extends Pixels>(pixels: P, from: Size, to: Size, channels: number): P {
  if (from.width === to.width && from.height === to.height) return pixels
  const result = emptyPixels(pixels, to.width * to.height * channels) as P
  if (result instanceof Float32Array) result.fill(NaN)
  const cutLeft = Math.max(0, (from.width - to.width) >> 1)
  const left = Math.max(0, (to.width - from.width) >> 1)
  const rowLength = Math.min(from.width, to.width) * channels
  for (let y = 0; y < Math.min(from.height, to.height); y++) {
    const source = y + Math.max(0, (from.height - to.height) >> 1)
    const row = y + Math.max(0, (to.height - from.height) >> 1)
    const start = (source * from.width + cutLeft) * channels
    result.set(pixels.subarray(start, start + rowLength), (row * to.width + left) * channels)
  }
  return result
}

/** `[pixels][from]` to `[pixels][to]` bands: as they are, or from 1 or 3 to 1 or 3. Throws ARGUMENT_INVALID. */
export function convertBands<P extends Pixels>(data: P, from: number, to: number): P {
  if (from === to) return data
  const pixels = data.length / from
  const result = emptyPixels(data, pixels * to) as P
  if (from === 3 && to === 1) {
    const grey = data instanceof Float32Array ? grey601OfFloats : grey601
    for (let i = 0; i < pixels; i++) {
      result[i] = grey(data[i * 3] ?? 0, data[i * 3 + 1] ?? 0, data[i * 3 + 2] ?? 0)
    }
  } else if (from === 1 && to === 3) {
    for (let i = 0; i < pixels; i++) result.fill(data[i] ?? 0, i * to, (i + 1) * to)
  } else {
    throw new InterlockError('ARGUMENT_INVALID', { what: 'Bands', expected: String(to), found: from })
  }
  return result
}

/** ITU-R BT.601 luma 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, bit for bit as Pillow's `convert('L')`. */
export function grey601(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >>> 16
}

function grey601OfFloats(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue
}
