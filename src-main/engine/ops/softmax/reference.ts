import type { ReferenceKernel } from '../referenceKernel'

/** y[i] = exp(x[i] − max) / Σ_j exp(x[j] − max) over the last axis, `length` numbers at a time. */
export function softmaxRows(x: Float64Array, y: Float64Array, length: number): void {
  for (let start = 0; start < x.length; start += length) {
    let largest = -Infinity
    for (let i = 0; i < length; i++) largest = Math.max(largest, x[start + i]!)
    let sum = 0
    for (let i = 0; i < length; i++) sum += Math.exp(x[start + i]! - largest)
    for (let i = 0; i < length; i++) y[start + i] = Math.exp(x[start + i]! - largest) / sum
  }
}

/** Softmax over the channels (or over a vector). */
export const softmax: ReferenceKernel<'softmax'> = ([x], [y]) => {
  softmaxRows(x!.data, y!.data, x!.shape.at(-1)!)
}

/** dx[i] = y[i] · (dy[i] − Σ_j dy[j] · y[j]) */
export const softmaxGrad: ReferenceKernel<'softmaxGrad'> = ([y, dy], [dx]) => {
  const length = y!.shape.at(-1)!
  for (let start = 0; start < y!.data.length; start += length) {
    let dot = 0
    for (let i = 0; i < length; i++) dot += dy!.data[start + i]! * y!.data[start + i]!
    for (let i = 0; i < length; i++) dx!.data[start + i] = y!.data[start + i]! * (dy!.data[start + i]! - dot)
  }
}
