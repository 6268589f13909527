/** Position of the largest of `length` values from `start`, counted from `start`; the first one wins a tie. */
export function argmax(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0
  for (let i = 1; i < length; i++) {
    if ((values[start + i] as number) > (values[start + best] as number)) best = i
  }
  return best
}
