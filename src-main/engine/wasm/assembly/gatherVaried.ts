/** Values of training images, each changed in a way of its own → normalised floats: `engine/ops/gather/variant.ts`. */
import { GOLDEN, mix, mixLanes } from './hash'
import { CELL, LANES, laneMask, partStart, realLanes, Step } from './layout'

@unmanaged
class VaryArgs {
  /** Staged values, `[image][height · width][channels]`, each of `step.pixelBytes` bytes. */
  bytes: usize
  /** The variants' words by block, `[word][16]`. */
  variants: usize
  mean: usize
  invStd: usize
  divisor: usize
  y: usize
  stride: usize
  height: i32
  width: i32
  channels: i32
  /** Parts a block is split into. */
  parts: i32
  /** 1 where positions may lie between pixels. */
  between: i32
  /** Noise of one step of the sum of eight random bytes; 0 for none. */
  noise: f32
}

/** Words of a variant. */
const WORDS: usize = 9

/** Where the values of a pixel come from, for 16 images: the addresses of four corners, and how far a position is past the first. */
const CORNERS: usize = 4
const ROW_PART: usize = CORNERS * CELL
const COLUMN_PART: usize = ROW_PART + CELL

/** Lanes without an image are 0. Item: (block, part of the pixels). */
export function gatherVaried(begin: i32, end: i32, step: Step, a: VaryArgs): void {
  if (step.pixelBytes == 1) varyLanes<u8>(begin, end, step, a)
  else if (step.pixelBytes == 2) varyLanes<u16>(begin, end, step, a)
  else varyLanes<f32>(begin, end, step, a)
}

function varyLanes<T>(begin: i32, end: i32, step: Step, a: VaryArgs): void {
  const channels = a.channels
  const pixels = a.height * a.width
  const imageBytes = <usize>(pixels * channels) * sizeof<T>()
  const divisor = f32x4.splat(load<f32>(a.divisor))
  const noise = f32x4.splat(a.noise)
  const places = step.scratch
  for (let item = begin; item < end; item++) {
    const block = item / a.parts
    const first = <i32>partStart(pixels, item % a.parts, a.parts)
    const last = <i32>partStart(pixels, (item % a.parts) + 1, a.parts)
    const images = realLanes(step, block)
    const bytes = a.bytes + <usize>(block * LANES) * imageBytes
    const variants = a.variants + <usize>block * (WORDS * CELL)
    let y = a.y + <usize>block * a.stride + <usize>(first * channels) * CELL
    for (let pixel = first; pixel < last; pixel++) {
      placeLanes<T>(places, bytes, imageBytes, variants, pixel / a.width, pixel % a.width, a)
      for (let c = 0; c < channels; c++) {
        const mean = f32x4.splat(load<f32>(a.mean + ((<usize>c) << 2)))
        const invStd = f32x4.splat(load<f32>(a.invStd + ((<usize>c) << 2)))
        const position = i32x4.splat(mix(<u32>(pixel * channels + c) + GOLDEN))
        for (let lane = 0; lane < LANES; lane += 4) {
          const at = places + ((<usize>lane) << 2)
          const variant = variants + ((<usize>lane) << 2)
          const from = <usize>c * sizeof<T>()
          let value = fourValues<T>(at, from)
          let missing = notFinite<T>(value)
          if (a.between) {
            const right = fourValues<T>(at + CELL, from)
            const below = fourValues<T>(at + 2 * CELL, from)
            const across = fourValues<T>(at + 3 * CELL, from)
            missing = v128.or(missing, notFinite<T>(right))
            missing = v128.or(missing, v128.or(notFinite<T>(below), notFinite<T>(across)))
            const columnPart = v128.load(at + COLUMN_PART)
            value = between(
              between(value, right, columnPart),
              between(below, across, columnPart),
              v128.load(at + ROW_PART),
            )
          }
          let x = f32x4.mul(f32x4.sub(f32x4.div(value, divisor), mean), invStd)
          x = f32x4.add(f32x4.mul(x, v128.load(variant, 7 * CELL)), v128.load(variant, 8 * CELL))
          if (a.noise > 0) x = f32x4.add(x, f32x4.mul(noise, byteSum(position, v128.load(variant, 6 * CELL))))
          if (isFloat<T>()) x = v128.andnot(x, missing)
          v128.store(y + ((<usize>lane) << 2), v128.and(x, laneMask(lane, images)))
        }
        y += CELL
      }
    }
  }
}

/** Finds the corners for pixel (r, c) of the output. */
@inline
function placeLanes<T>(
  places: usize,
  bytes: usize,
  imageBytes: usize,
  variants: usize,
  r: i32,
  c: i32,
  a: VaryArgs,
): void {
  const pixelBytes = i32x4.splat(a.channels * <i32>sizeof<T>())
  const width = i32x4.splat(a.width)
  for (let lane: usize = 0; lane < <usize>LANES; lane += 4) {
    const variant = variants + (lane << 2)
    const row = clampedPosition(variant, r, c, a.height)
    const column = clampedPosition(variant + 3 * CELL, r, c, a.width)
    const base = i32x4.add(
      i32x4.splat(<i32>(bytes + lane * imageBytes)),
      i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(<i32>imageBytes)),
    )
    const to = places + (lane << 2)
    const top = i32x4.mul(i32x4.shr_s(row, 16), width)
    const left = i32x4.shr_s(column, 16)
    v128.store(to, i32x4.add(base, i32x4.mul(i32x4.add(top, left), pixelBytes)))
    if (!a.between) continue
    const whole = i32x4.splat(65535)
    const bottom = i32x4.mul(i32x4.shr_s(i32x4.add(row, whole), 16), width)
    const right = i32x4.shr_s(i32x4.add(column, whole), 16)
    v128.store(to, i32x4.add(base, i32x4.mul(i32x4.add(top, right), pixelBytes)), CELL)
    v128.store(to, i32x4.add(base, i32x4.mul(i32x4.add(bottom, left), pixelBytes)), 2 * CELL)
    v128.store(to, i32x4.add(base, i32x4.mul(i32x4.add(bottom, right), pixelBytes)), 3 * CELL)
    const part = f32x4.splat(1.0 / 65536)
    v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(v128.and(row, whole)), part), ROW_PART)
    v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(v128.and(column, whole)), part), COLUMN_PART)
  }
}

/** Rows or columns as 16.16 fixed-point numbers: start + r · byRow + c · byColumn, kept inside. */
@inline
function clampedPosition(axis: usize, r: i32, c: i32, size: i32): v128 {
  const byRow = i32x4.mul(v128.load(axis, CELL), i32x4.splat(r))
  const byColumn = i32x4.mul(v128.load(axis, 2 * CELL), i32x4.splat(c))
  const position = i32x4.add(v128.load(axis), i32x4.add(byRow, byColumn))
  return i32x4.min_s(i32x4.max_s(position, i32x4.splat(0)), i32x4.splat((size - 1) << 16))
}

/** The values at four addresses, `from` bytes on. */
@inline
function fourValues<T>(addresses: usize, from: usize): v128 {
  const a = from + load<u32>(addresses)
  const b = from + load<u32>(addresses, 4)
  const c = from + load<u32>(addresses, 8)
  const d = from + load<u32>(addresses, 12)
  if (isFloat<T>()) return f32x4(load<f32>(a), load<f32>(b), load<f32>(c), load<f32>(d))
  return f32x4.convert_i32x4_u(i32x4(<i32>load<T>(a), <i32>load<T>(b), <i32>load<T>(c), <i32>load<T>(d)))
}

/** All bits set where a float is not a finite number (no data). */
@inline
function notFinite<T>(value: v128): v128 {
  const exponent = i32x4.splat(0x7f800000)
  return isFloat<T>() ? i32x4.eq(v128.and(value, exponent), exponent) : i32x4.splat(0)
}

@inline
function between(a: v128, b: v128, part: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), part))
}

/** The sum of the eight bytes of two random words, less its mean. */
@inline
function byteSum(position: v128, key: v128): v128 {
  const first = mixLanes(v128.xor(position, key))
  const second = mixLanes(i32x4.add(first, i32x4.splat(GOLDEN)))
  const pairs = i16x8.add(i16x8.extadd_pairwise_i8x16_u(first), i16x8.extadd_pairwise_i8x16_u(second))
  return f32x4.convert_i32x4_s(i32x4.sub(i32x4.extadd_pairwise_i16x8_u(pairs), i32x4.splat(1020)))
}
