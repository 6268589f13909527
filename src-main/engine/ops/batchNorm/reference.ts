/**
 * Batch normalisation per channel (Ioffe & Szegedy 2015) over the m = images · height · width numbers of a batch:
 *
 * y = gamma · (x − mean) / sqrt(variance + epsilon) + beta, variance biased (divided by m).
 *
 * Running statistics: running = momentum · running + (1 − momentum) · batch, with the unbiased variance (divided by m − 1; by
 * 1 when m is 1, where PyTorch would refuse: the short last batch may hold a single image).
 */
import type { ReferenceKernel } from '../referenceKernel'

export const batchNorm: ReferenceKernel<'batchNorm'> = (
  [x, gamma, beta, movingMean, movingVariance],
  [y, mean, invStd],
  { momentum, epsilon },
) => {
  const channels = gamma!.data.length
  const m = x!.data.length / channels
  for (let c = 0; c < channels; c++) {
    let sum = 0
    for (let i = c; i < x!.data.length; i += channels) sum += x!.data[i]!
    const average = sum / m
    let squares = 0
    for (let i = c; i < x!.data.length; i += channels) squares += (x!.data[i]! - average) ** 2
    mean!.data[c] = average
    invStd!.data[c] = 1 / Math.sqrt(squares / m + epsilon)
    for (let i = c; i < x!.data.length; i += channels) {
      y!.data[i] = gamma!.data[c]! * (x!.data[i]! - average) * invStd!.data[c]! + beta!.data[c]!
    }
    const unbiased = squares / Math.max(m - 1, 1)
    movingMean!.data[c] = momentum * movingMean!.data[c]! + (1 - momentum) * average
    movingVariance!.data[c] = momentum * movingVariance!.data[c]! + (1 - momentum) * unbiased
  }
}

/**
 * With x̂ = (x − mean) · invStd: dBeta = Σ dy, dGamma = Σ dy·x̂,
 * dx = gamma · invStd / m · (m·dy − dBeta − x̂·dGamma)
 */
export const batchNormGrad: ReferenceKernel<'batchNormGrad'> = (
  [x, dy, gamma, mean, invStd],
  [dx, dGamma, dBeta],
) => {
  const channels = gamma!.data.length
  const m = x!.data.length / channels
  for (let c = 0; c < channels; c++) {
    const normalised = (i: number): number => (x!.data[i]! - mean!.data[c]!) * invStd!.data[c]!
    let sum = 0
    let dot = 0
    for (let i = c; i < x!.data.length; i += channels) {
      sum += dy!.data[i]!
      dot += dy!.data[i]! * normalised(i)
    }
    dBeta!.data[c] = sum
    dGamma!.data[c] = dot
    const scale = (gamma!.data[c]! * invStd!.data[c]!) / m
    for (let i = c; i < x!.data.length; i += channels) {
      dx!.data[i] = scale * (m * dy!.data[i]! - sum - normalised(i) * dot)
    }
  }
}

/** y = gamma · (x − movingMean) / sqrt(movingVariance + epsilon) + beta */
export const batchNormInference: ReferenceKernel<'batchNormInference'> = (
  [x, gamma, beta, movingMean, movingVariance],
  [y],
  { epsilon },
) => {
  const channels = gamma!.data.length
  for (let i = 0; i < x!.data.length; i++) {
    const c = i % channels
    const invStd = 1 / Math.sqrt(movingVariance!.data[c]! + epsilon)
    y!.data[i] = gamma!.data[c]! * (x!.data[i]! - movingMean!.data[c]!) * invStd + beta!.data[c]!
  }
}

/** dx = dy · gamma / sqrt(movingVariance + epsilon) */
export const batchNormInferenceGrad: ReferenceKernel<'batchNormInferenceGrad'> = (
  [dy, gamma, movingVariance],
  [dx],
  { epsilon },
) => {
  const channels = gamma!.data.length
  for (let i = 0; i < dx!.data.length; i++) {
    const c = i % channels
    dx!.data[i] = (dy!.data[i]! * gamma!.data[c]!) / Math.sqrt(movingVariance!.data[c]! + epsilon)
  }
}
