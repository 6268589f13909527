/**
 * Weights `[kh][kw][channels / groups][filters]` → panels that the convolution kernel reads from front to back. A panel
 * belongs to a tile of filters of one group; panels lie one after the other.
 */
import { partStart, Step } from './layout'

@unmanaged
class PackArgs {
  kernel: usize
  packed: usize
  /** kh · kw. */
  taps: i32
  /** Input channels of the convolution, all groups together. */
  channels: i32
  filters: i32
  groups: i32
  /** Tiles per group. */
  tiles: i32
}

/** For the forward pass: panel `[tap][channel][tile of filters]`. Item: one tile. */
export function packForward(begin: i32, end: i32, step: Step, a: PackArgs): void {
  const filters = a.filters
  const groupFilters = filters / a.groups
  const steps = a.taps * (a.channels / a.groups)
  for (let item = begin; item < end; item++) {
    const inGroup = <i32>partStart(groupFilters, item % a.tiles, a.tiles)
    const n = <i32>partStart(groupFilters, (item % a.tiles) + 1, a.tiles) - inGroup
    const filter = (item / a.tiles) * groupFilters + inGroup
    let to = a.packed + ((<usize>filter * <usize>steps) << 2)
    let from = a.kernel + ((<usize>filter) << 2)
    for (let s = 0; s < steps; s++) {
      for (let j = 0; j < n; j++) {
        store<f32>(to, load<f32>(from + ((<usize>j) << 2)))
        to += 4
      }
      from += (<usize>filters) << 2
    }
  }
}

/**
 * For the input gradient, where filters take the part of input channels: panel `[flipped tap][filter][tile of channels]`.
 * Item: one tile of channels.
 */
export function packBackward(begin: i32, end: i32, step: Step, a: PackArgs): void {
  const filters = a.filters
  const groupFilters = filters / a.groups
  const groupChannels = a.channels / a.groups
  const steps = a.taps * groupFilters
  const row = (<usize>filters) << 2
  for (let item = begin; item < end; item++) {
    const group = item / a.tiles
    const inGroup = <i32>partStart(groupChannels, item % a.tiles, a.tiles)
    const n = <i32>partStart(groupChannels, (item % a.tiles) + 1, a.tiles) - inGroup
    let to = a.packed + ((<usize>(group * groupChannels + inGroup) * <usize>steps) << 2)
    for (let tap = a.taps - 1; tap >= 0; tap--) {
      let from =
        a.kernel + <usize>(tap * groupChannels + inGroup) * row + ((<usize>(group * groupFilters)) << 2)
      for (let f = 0; f < groupFilters; f++) {
        for (let j = 0; j < n; j++) {
          store<f32>(to, load<f32>(from + <usize>j * row))
          to += 4
        }
        from += 4
      }
    }
  }
}
