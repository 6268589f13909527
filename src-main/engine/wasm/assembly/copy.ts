/** Moving values between tensors: zero padding, concatenation, slices, sums. */
import { CELL, partStart, Step } from './layout'

@unmanaged
class PadArgs {
  /** The smaller map. */
  small: usize
  /** The map with zeros around it. */
  large: usize
  stride: usize
  height: i32
  width: i32
  /** Bytes of all channels of a pixel. */
  pixel: usize
  largeHeight: i32
  largeWidth: i32
  top: i32
  left: i32
}

/** Item: (block, row of the large map). */
export function zeroPad(begin: i32, end: i32, step: Step, a: PadArgs): void {
  const pixel = a.pixel
  const largeLine = <usize>a.largeWidth * pixel
  const smallLine = <usize>a.width * pixel
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.largeHeight) * a.stride
    const row = item % a.largeHeight
    const to = a.large + block + <usize>row * largeLine
    const from = row - a.top
    if (from < 0 || from >= a.height) {
      memory.fill(to, 0, largeLine)
      continue
    }
    const left = <usize>a.left * pixel
    memory.fill(to, 0, left)
    memory.copy(to + left, a.small + block + <usize>from * smallLine, smallLine)
    memory.fill(to + left + smallLine, 0, largeLine - left - smallLine)
  }
}

/** Item: (block, row of the small map). */
export function zeroPadGrad(begin: i32, end: i32, step: Step, a: PadArgs): void {
  const pixel = a.pixel
  const smallLine = <usize>a.width * pixel
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.height) * a.stride
    const row = item % a.height
    const from = a.large + block + <usize>((row + a.top) * a.largeWidth + a.left) * pixel
    memory.copy(a.small + block + <usize>row * smallLine, from, smallLine)
  }
}

@unmanaged
class ChannelCopyArgs {
  from: usize
  to: usize
  stride: usize
  pixels: i32
  /** Bytes copied of every pixel. */
  bytes: usize
  /** Bytes of a pixel in the source and in the target, and where the copied ones begin. */
  fromPixel: usize
  fromStart: usize
  toPixel: usize
  toStart: usize
  parts: i32
}

/** Copies a range of channels (concat writes one range per input, slice reads one). Item: (block, part of the pixels). */
export function copyChannels(begin: i32, end: i32, step: Step, a: ChannelCopyArgs): void {
  const bytes = a.bytes
  const fromPixel = a.fromPixel
  const toPixel = a.toPixel
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.parts) * a.stride
    const first = partStart(a.pixels, item % a.parts, a.parts)
    const count = partStart(a.pixels, (item % a.parts) + 1, a.parts) - first
    let from = a.from + block + first * fromPixel + a.fromStart
    let to = a.to + block + first * toPixel + a.toStart
    for (let i: usize = 0; i < count; i++) {
      let at: usize = 0
      for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at))
      for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at))
      from += fromPixel
      to += toPixel
    }
  }
}

@unmanaged
class AddArgs {
  a: usize
  b: usize
  y: usize
  stride: usize
  size: i32
  parts: i32
}

/** y = a + b; y may be a. Item: (block, part of the elements). */
export function add(begin: i32, end: i32, step: Step, args: AddArgs): void {
  const a = args.a
  const b = args.b
  const y = args.y
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / args.parts) * args.stride
    const last = block + partStart(args.size, (item % args.parts) + 1, args.parts) * CELL
    for (let at = block + partStart(args.size, item % args.parts, args.parts) * CELL; at < last; at += 16) {
      v128.store(y + at, f32x4.add(v128.load(a + at), v128.load(b + at)))
    }
  }
}
