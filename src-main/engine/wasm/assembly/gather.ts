/** Values of the step's images → normalised floats, one image per lane. */
import { CELL, LANES, partStart, realLanes, Step } from './layout'

@unmanaged
class GatherArgs {
  /** Staged values, `[image][height · width][channels]`, each of `step.pixelBytes` bytes. */
  bytes: usize
  mean: usize
  invStd: usize
  divisor: usize
  y: usize
  stride: usize
  /** Pixels per image and channels. */
  pixels: i32
  channels: i32
  /** Parts a block is split into. */
  parts: i32
}

/** (value / divisor − mean) · invStd; 0 where a float is not finite (no data). */
@inline
function normalised<T>(from: usize, divisor: f32, mean: f32, invStd: f32): f32 {
  const x = (<f32>load<T>(from) / divisor - mean) * invStd
  if (!isFloat<T>()) return x
  return (load<u32>(from) & 0x7f800000) == 0x7f800000 ? 0 : x
}

/** Lanes without an image are 0. Item: (block, part of the pixels). */
export function gather(begin: i32, end: i32, step: Step, a: GatherArgs): void {
  if (step.pixelBytes == 1) gatherLanes<u8>(begin, end, step, a)
  else if (step.pixelBytes == 2) gatherLanes<u16>(begin, end, step, a)
  else gatherLanes<f32>(begin, end, step, a)
}

function gatherLanes<T>(begin: i32, end: i32, step: Step, a: GatherArgs): void {
  const channels = a.channels
  const means = a.mean
  const invStds = a.invStd
  const divisor = load<f32>(a.divisor)
  const imageBytes = <usize>(a.pixels * channels) * sizeof<T>()
  for (let item = begin; item < end; item++) {
    const block = item / a.parts
    const part = item % a.parts
    const first = <i32>partStart(a.pixels, part, a.parts)
    const last = <i32>partStart(a.pixels, part + 1, a.parts)
    const images = realLanes(step, block)
    const bytes = a.bytes + <usize>(block * LANES) * imageBytes
    let y = a.y + <usize>block * a.stride + <usize>(first * channels) * CELL
    for (let pixel = first; pixel < last; pixel++) {
      for (let c = 0; c < channels; c++) {
        const mean = load<f32>(means + ((<usize>c) << 2))
        const invStd = load<f32>(invStds + ((<usize>c) << 2))
        let from = bytes + <usize>(pixel * channels + c) * sizeof<T>()
        let to = y
        for (let lane = 0; lane < images; lane++) {
          store<f32>(to, normalised<T>(from, divisor, mean, invStd))
          from += imageBytes
          to += 4
        }
        for (let lane = images; lane < LANES; lane++) {
          store<f32>(to, 0)
          to += 4
        }
        y += CELL
      }
    }
  }
}

/** The same for images that lie one after the other. Item: (image, part of the pixels). */
export function gatherImage(begin: i32, end: i32, step: Step, a: GatherArgs): void {
  if (step.pixelBytes == 1) gatherImages<u8>(begin, end, a)
  else if (step.pixelBytes == 2) gatherImages<u16>(begin, end, a)
  else gatherImages<f32>(begin, end, a)
}

function gatherImages<T>(begin: i32, end: i32, a: GatherArgs): void {
  const channels = <usize>a.channels
  const divisor = load<f32>(a.divisor)
  for (let item = begin; item < end; item++) {
    const image = item / a.parts
    const first = partStart(a.pixels, item % a.parts, a.parts) * channels
    const last = partStart(a.pixels, (item % a.parts) + 1, a.parts) * channels
    const bytes = a.bytes + <usize>image * <usize>a.pixels * channels * sizeof<T>()
    const y = a.y + <usize>image * a.stride
    for (let c: usize = 0; c < channels; c++) {
      const mean = load<f32>(a.mean + (c << 2))
      const invStd = load<f32>(a.invStd + (c << 2))
      for (let i = first + c; i < last; i += channels) {
        store<f32>(y + (i << 2), normalised<T>(bytes + i * sizeof<T>(), divisor, mean, invStd))
      }
    }
  }
}
