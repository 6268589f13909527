import type { ReferenceKernel } from '../referenceKernel'
import { softmaxRows } from '../softmax/reference'

/**
 * probabilities = softmax(logits). The loss of an image with label y, of K classes with weights w (all 1 without weights) and
 * smoothing e, as torch.nn.CrossEntropyLoss has it:
 *
 *   (1 − e) · w[y] · nll[y]  +  e / K · Σ_k w[k] · nll[k],   nll[k] = −log probability[k]
 *
 * nll comes from the logits (log Σ exp(x − max) − (x[k] − max)), so it stays finite. The step's loss is the sum over its images
 * divided by the sum of their labels' weights: the number of images without weights. An image of unknown class (label −1) adds
 * nothing to the sum and to the correct count, but counts 1 in the divisor. Correct: the first largest logit is at the label.
 */
export const softmaxCrossEntropy: ReferenceKernel<'softmaxCrossEntropy'> = (
  [logits, classWeights],
  [probabilities, weightSums],
  { labelSmoothing },
  step,
) => {
  const classes = logits!.shape.at(-1)!
  softmaxRows(logits!.data, probabilities!.data, classes)
  const weights = classWeights?.data ?? new Float64Array(classes).fill(1)
  const labels = Array.from({ length: step.count }, (_, n) => step.label(n))
  const divisor = labels.reduce((sum, label) => sum + (weights[label] ?? 1), 0)
  weightSums?.data.set([divisor, weights.reduce((sum, weight) => sum + weight, 0)])
  step.loss = 0
  step.correct = 0
  labels.forEach((label, n) => {
    if (label < 0) return
    const row = logits!.data.subarray(n * classes, (n + 1) * classes)
    const largest = Math.max(...row)
    const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0))
    const weighted = row.map((x, k) => weights[k]! * (logSum - (x - largest)))
    const all = weighted.reduce((sum, nll) => sum + nll, 0)
    step.loss += ((1 - labelSmoothing) * weighted[label]! + (labelSmoothing / classes) * all) / divisor
    if (row.indexOf(largest) === label) step.correct++
  })
}

/**
 * With the names of the loss, a = (1 − e) · w[y] and d the divisor:
 *
 *   dLogits[n, k] = ((a + e / K · Σ_j w[j]) · probability[n, k] − a · [k = y] − e / K · w[k]) / d
 *
 * Zero for images of unknown class.
 */
export const softmaxCrossEntropyGrad: ReferenceKernel<'softmaxCrossEntropyGrad'> = (
  [probabilities, classWeights, weightSums],
  [dLogits],
  { labelSmoothing },
  step,
) => {
  const classes = dLogits!.shape.at(-1)!
  const weights = classWeights?.data ?? new Float64Array(classes).fill(1)
  const [divisor, allWeights] = weightSums?.data ?? [step.count, classes]
  const share = labelSmoothing / classes
  for (let n = 0; n < step.count; n++) {
    const label = step.label(n)
    for (let k = 0; k < classes; k++) {
      const i = n * classes + k
      const own = (1 - labelSmoothing) * (weights[label] ?? 0)
      const wanted = (k === label ? own : 0) + share * weights[k]!
      const gradient = (own + share * allWeights!) * probabilities!.data[i]! - wanted
      dLogits!.data[i] = label < 0 ? 0 : gradient / divisor!
    }
  }
}
