/**
 * Indices of the points that a line needs at a width of `buckets` columns: per column its least and its greatest value, so
 * that peaks stay, and the first and last point. At most `2 · buckets + 2` ascending indices; all of them for short lines.
 */
export function thinOut(values: ArrayLike<number>, buckets: number): number[] {
  const { length } = values
  if (length <= 2 * buckets + 2) return Array.from({ length }, (_, i) => i)
  const kept = new Set([0])
  for (let bucket = 0; bucket < buckets; bucket++) {
    const end = Math.floor(((bucket + 1) * length) / buckets)
    let least = Math.floor((bucket * length) / buckets)
    let greatest = least
    for (let i = least; i < end; i++) {
      if (values[i]! < values[least]!) least = i
      if (values[i]! > values[greatest]!) greatest = i
    }
    kept.add(Math.min(least, greatest)).add(Math.max(least, greatest))
  }
  return [...kept.add(length - 1)]
}
