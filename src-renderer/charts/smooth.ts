/** Exponential moving average, corrected for its start (as Adam does), so that the first points are not pulled to zero. */
export function smooth(values: Float32Array, keep: number): Float32Array {
  const result = new Float32Array(values.length)
  let mean = 0
  let weight = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isFinite(value)) {
      mean = keep * mean + (1 - keep) * value
      weight = keep * weight + (1 - keep)
    }
    result[i] = weight > 0 ? mean / weight : Number.NaN
  }
  return result
}
