/**
 * Reorders equally sized images in place, so that a data set is never held twice: afterwards image i is the one that was
 * at `order[i]`. `order` must be a permutation of 0 … n−1; `size` is the bytes of one image.
 */
export function permuteImages(pixels: Uint8Array, size: number, order: readonly number[]): void {
  const kept = new Uint8Array(size)
  const done = new Uint8Array(order.length)
  for (let start = 0; start < order.length; start++) {
    if (done[start] === 1) continue
    kept.set(pixels.subarray(start * size, (start + 1) * size))
    let to = start
    for (;;) {
      done[to] = 1
      const from = order[to] as number
      if (from === start) break
      pixels.copyWithin(to * size, from * size, (from + 1) * size)
      to = from
    }
    pixels.set(kept, to * size)
  }
}
