/**
 * Whether a model is right as often as it says it is. Guo, Pleiss, Sun & Weinberger 2017, "On Calibration of Modern Neural
 * Networks", arXiv:1706.04599, equations 2 to 5: of each image the largest probability is its confidence; images are put into
 * bins of equal width, bin m holding ((m − 1) / M, m / M].
 */
import { predictedClasses, type LabelledPredictions } from './predictions'

export interface CalibrationBin {
  /** Confidences above `from` up to and with `to`. */
  from: number
  to: number
  images: number
  /** Mean confidence, and share of the images that is right; null in an empty bin. */
  confidence: number | null
  accuracy: number | null
}

export interface Calibration {
  bins: readonly CalibrationBin[]
  /** Expected calibration error: mean over all images of |accuracy − confidence| of their bin; 0 without images. */
  expectedError: number
  /** Maximum calibration error: the largest of these differences. */
  maximumError: number
}

export const usualBins = 15

export function calibrate(predictions: LabelledPredictions, bins: number = usualBins): Calibration {
  const { labels, probabilities, classes } = predictions
  const predicted = predictedClasses(predictions)
  const images = new Float64Array(bins)
  const confidences = new Float64Array(bins)
  const right = new Float64Array(bins)
  labels.forEach((label, i) => {
    const own = predicted[i] as number
    const confidence = probabilities[i * classes.length + own] as number
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))
    images[bin]! += 1
    confidences[bin]! += confidence
    if (own === label) right[bin]! += 1
  })
  const filled = Array.from(images, (count, bin): CalibrationBin => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    images: count,
    confidence: count === 0 ? null : (confidences[bin] as number) / count,
    accuracy: count === 0 ? null : (right[bin] as number) / count,
  }))
  const gaps = filled.map(({ accuracy, confidence }) => Math.abs((accuracy ?? 0) - (confidence ?? 0)))
  const total = labels.length
  return {
    bins: filled,
    expectedError:
      total === 0 ? 0 : gaps.reduce((sum, gap, bin) => sum + (gap * (images[bin] as number)) / total, 0),
    maximumError: Math.max(0, ...gaps),
  }
}
