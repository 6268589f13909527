/** Dropout with the mask of `engine/ops/dropout/dropoutMask.ts`, bit for bit. */
import { GOLDEN, mix, mixLanes } from './hash'
import { CELL, LANES, partStart, Step } from './layout'

@unmanaged
class DropoutArgs {
  x: usize
  y: usize
  stride: usize
  size: i32
  parts: i32
  seed: u32
  stream: u32
  threshold: u32
  scale: f32
}

/** y = x · scale where kept, else 0; the same for gradients. Item: (block, part of the elements). */
export function dropout(begin: i32, end: i32, step: Step, a: DropoutArgs): void {
  const key = i32x4.splat(mix(mix(mix(a.seed + GOLDEN) + a.stream + GOLDEN) + step.index + GOLDEN))
  const threshold = i32x4.splat(a.threshold)
  const scale = f32x4.splat(a.scale)
  const size = a.size
  const laneStep = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(size))
  for (let item = begin; item < end; item++) {
    const block = item / a.parts
    const first = <i32>partStart(size, item % a.parts, a.parts)
    const last = <i32>partStart(size, (item % a.parts) + 1, a.parts)
    for (let lane = 0; lane < LANES; lane += 4) {
      const start = <usize>block * a.stride + <usize>first * CELL + (<usize>lane << 2)
      let x = a.x + start
      let y = a.y + start
      const base = i32x4.add(laneStep, i32x4.splat((block * LANES + lane) * size + GOLDEN))
      for (let i = first; i < last; i++) {
        const word = mixLanes(v128.xor(mixLanes(i32x4.add(base, i32x4.splat(i))), key))
        const kept = i32x4.ge_u(word, threshold)
        v128.store(y, v128.and(f32x4.mul(v128.load(x), scale), kept))
        x += CELL
        y += CELL
      }
    }
  }
}
