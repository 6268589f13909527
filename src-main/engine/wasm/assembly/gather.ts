/** Bytes of the step's images → normalised floats, one image per lane. */
import { CELL, LANES, partStart, realLanes, Step } from './layout'

@unmanaged
class GatherArgs {
  /** Staged bytes, `[image][height · width][channels]`. */
  bytes: usize
  mean: usize
  invStd: usize
  y: usize
  stride: usize
  /** Pixels per image and channels. */
  pixels: i32
  channels: i32
  /** Parts a block is split into. */
  parts: i32
}

/** y = (byte / 255 − mean[channel]) · invStd[channel]; lanes without an image are 0. Item: (block, part of the pixels). */
export function gather(begin: i32, end: i32, step: Step, a: GatherArgs): void {
  const channels = a.channels
  const means = a.mean
  const invStds = a.invStd
  const imageBytes = <usize>(a.pixels * channels)
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
        let from = bytes + <usize>(pixel * channels + c)
        let to = y
        for (let lane = 0; lane < images; lane++) {
          store<f32>(to, (<f32>load<u8>(from) / 255 - mean) * invStd)
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
  const channels = a.channels
  for (let item = begin; item < end; item++) {
    const image = item / a.parts
    const first = <usize>partStart(a.pixels, item % a.parts, a.parts) * <usize>channels
    const last = <usize>partStart(a.pixels, (item % a.parts) + 1, a.parts) * <usize>channels
    const bytes = a.bytes + <usize>image * <usize>(a.pixels * channels)
    const y = a.y + <usize>image * a.stride
    for (let c: usize = 0; c < <usize>channels; c++) {
      const mean = load<f32>(a.mean + (c << 2))
      const invStd = load<f32>(a.invStd + (c << 2))
      for (let i = first + c; i < last; i += <usize>channels) {
        store<f32>(y + (i << 2), (<f32>load<u8>(bytes + i) / 255 - mean) * invStd)
      }
    }
  }
}
