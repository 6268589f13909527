import type { ReferenceKernel } from '../referenceKernel'
import { softmaxRows } from '../softmax/reference'

/**
 * probabilities = softmax(logits); the step's loss is the mean of −log probability[label] over its images, computed from the
 * logits (log Σ exp(x − max) − (x[label] − max)) so that it stays finite. An image of unknown class (label −1) adds nothing to
 * the sum and to the correct count, but counts in the divisor. Correct: the first largest logit is at the label.
 */
export const softmaxCrossEntropy: ReferenceKernel<'softmaxCrossEntropy'> = (
  [logits],
  [probabilities],
  _attrs,
  step,
) => {
  const classes = logits!.shape.at(-1)!
  softmaxRows(logits!.data, probabilities!.data, classes)
  step.loss = 0
  step.correct = 0
  for (let n = 0; n < step.count; n++) {
    const label = step.label(n)
    if (label < 0) continue
    const row = logits!.data.subarray(n * classes, (n + 1) * classes)
    const largest = Math.max(...row)
    const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0))
    step.loss += (logSum - (row[label]! - largest)) / step.count
    if (row.indexOf(largest) === label) step.correct++
  }
}

/** dLogits[n, k] = (probability[n, k] − [k = label]) / images; zero for images of unknown class. */
export const softmaxCrossEntropyGrad: ReferenceKernel<'softmaxCrossEntropyGrad'> = (
  [probabilities],
  [dLogits],
  _attrs,
  step,
) => {
  const classes = dLogits!.shape.at(-1)!
  for (let n = 0; n < step.count; n++) {
    const label = step.label(n)
    for (let k = 0; k < classes; k++) {
      const i = n * classes + k
      const target = k === label ? 1 : 0
      dLogits!.data[i] = label < 0 ? 0 : (probabilities!.data[i]! - target) / step.count
    }
  }
}
