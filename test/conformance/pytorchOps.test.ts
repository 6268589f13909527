/** The reference kernels against PyTorch in float64 (fixtures made by test/fixtures/pytorch/makeOps.py). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { KernelAttrs, KernelName } from '#shared/engine/plan'
import type { OpName } from '#shared/ops'
import type { OptimizerSettings } from '#shared/training/settings'
import { optimizerStep } from '../../src-main/engine/ops/optimizer/reference'
import type {
  ReferenceKernel,
  ReferenceStep,
  ReferenceTensor,
} from '../../src-main/engine/ops/referenceKernel'
import { referenceKernels } from '../../src-main/engine/ops/referenceKernels'

interface FixtureTensor {
  shape: number[]
  data: number[]
}

interface OperationFixture {
  op: OpName
  attrs: Record<string, unknown>
  inputs: FixtureTensor[]
  weights: FixtureTensor[]
  output: FixtureTensor
  dy: FixtureTensor
  inputGradients: FixtureTensor[]
  weightGradients: FixtureTensor[]
  /** batchNorm: moving mean and variance afterwards. */
  after?: FixtureTensor[]
}

interface CrossEntropyFixture {
  logits: FixtureTensor
  labels: number[]
  smoothing: number
  weights: number[] | null
  loss: number
  correct: number
  probabilities: FixtureTensor
  gradient: FixtureTensor
}

interface OptimizerFixture {
  name: string
  settings: OptimizerSettings
  clipNorm: number | null
  start: number[]
  gradients: number[][]
  parameters: number[][]
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/pytorch/${name}`, import.meta.url), 'utf8')) as T
}

const weightsOnly = ({ shape, data }: FixtureTensor): ReferenceTensor => ({
  shape,
  data: Float64Array.from(data),
})
/** Fixtures of activations begin with the batch, reference shapes do not. */
const batched = ({ shape, data }: FixtureTensor): ReferenceTensor => ({
  shape: shape.slice(1),
  data: Float64Array.from(data),
})
const empty = ({ shape, data }: ReferenceTensor): ReferenceTensor => ({
  shape,
  data: new Float64Array(data.length).fill(NaN),
})

function stepOf(count: number, labels: readonly number[] = []): ReferenceStep {
  return {
    ...{ count, seed: 0, step: 0, pixel: () => 0, label: (n) => labels[n] ?? -1, loss: NaN, correct: -1 },
    drawn: (image) => ({ epoch: 1, image }),
  }
}

function run<K extends KernelName>(
  kernel: K,
  inputs: readonly ReferenceTensor[],
  outputs: readonly ReferenceTensor[],
  attrs: unknown,
  step: ReferenceStep,
): void {
  const reference = referenceKernels[kernel] as ReferenceKernel<K>
  reference(inputs, outputs, attrs as KernelAttrs[K], step)
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(found.length, what).toBe(expected.length)
  const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-3)
  const worst = expected.reduce((max, x, i) => Math.max(max, Math.abs(x - found[i]!)), 0)
  expect(worst / largest, what).toBeLessThan(1e-8)
}

/** How each operation's backward kernels are called; the loop below checks what they leave in dx and dWeights. */
type Backward = (context: {
  fixture: OperationFixture
  x: ReferenceTensor
  y: ReferenceTensor
  dy: ReferenceTensor
  weights: ReferenceTensor[]
  saved: ReferenceTensor[]
  dx: ReferenceTensor[]
  dWeights: ReferenceTensor[]
  step: ReferenceStep
}) => void

const affine =
  (op: 'conv2d' | 'dense'): Backward =>
  ({ fixture, x, dy, weights, dx, dWeights, step }) => {
    run(`${op}InputGrad`, [dy, weights[0]!], dx, fixture.attrs, step)
    run(`${op}WeightGrad`, [x, dy], dWeights, fixture.attrs, step)
  }
const fromDy =
  (kernel: KernelName): Backward =>
  ({ fixture, dy, dx, step }) =>
    run(kernel, [dy], dx, fixture.attrs, step)

const backward: Partial<Record<OpName, Backward>> = {
  conv2d: affine('conv2d'),
  dense: affine('dense'),
  maxPool2d: ({ fixture, x, y, dy, dx, step }) => run('maxPool2dGrad', [x, y, dy], dx, fixture.attrs, step),
  avgPool2d: fromDy('avgPool2dGrad'),
  globalAvgPool2d: fromDy('globalAvgPool2dGrad'),
  zeroPad2d: fromDy('zeroPad2dGrad'),
  crop2d: fromDy('zeroPad2d'),
  activation: ({ fixture, x, y, dy, dx, step }) =>
    run('activationGrad', [fixture.attrs.kind === 'gelu' ? x : y, dy], dx, fixture.attrs, step),
  softmax: ({ fixture, y, dy, dx, step }) => run('softmaxGrad', [y, dy], dx, fixture.attrs, step),
  batchNorm: ({ fixture, x, dy, weights, saved, dx, dWeights, step }) => {
    if (fixture.attrs.frozen)
      run('batchNormInferenceGrad', [dy, weights[0]!, weights[3]!], dx, fixture.attrs, step)
    else run('batchNormGrad', [x, dy, weights[0]!, ...saved], [...dx, ...dWeights], fixture.attrs, step)
  },
  concat: ({ dy, dx, step }) => {
    let start = 0
    for (const part of dx) {
      const length = part.shape.at(-1)!
      run('slice', [dy], [part], { start, length }, step)
      start += length
    }
  },
}

const { operations, crossEntropy } = load<{
  operations: OperationFixture[]
  crossEntropy: CrossEntropyFixture[]
}>('ops.json')

describe('reference kernels equal PyTorch', () => {
  test.each(
    operations.map((fixture, i) => [`${i} ${fixture.op} ${JSON.stringify(fixture.attrs)}`, fixture] as const),
  )('%s', (_, fixture) => {
    const step = stepOf(fixture.dy.shape[0]!)
    const inputs = fixture.inputs.map(batched)
    const weights = fixture.weights.map(weightsOnly)
    const y = empty(batched(fixture.output))
    const frozen = fixture.attrs.frozen === true
    const forward = frozen ? 'batchNormInference' : fixture.op === 'crop2d' ? 'zeroPad2dGrad' : fixture.op
    const saved = fixture.op === 'batchNorm' && !frozen ? weights.slice(0, 2).map(empty) : []
    run(forward as KernelName, [...inputs, ...weights], [y, ...saved], fixture.attrs, step)
    expectClose(y.data, fixture.output.data, 'output')
    fixture.after?.forEach((after, i) =>
      expectClose(weights[2 + i]!.data, after.data, `moving statistic ${i}`),
    )

    if (fixture.op === 'add') {
      // The plan passes dy on without a kernel; PyTorch agrees that this is the gradient.
      for (const gradient of fixture.inputGradients) expect(gradient.data).toEqual(fixture.dy.data)
      return
    }
    const dx = fixture.inputGradients.map((gradient) => empty(batched(gradient)))
    const dWeights = frozen ? [] : fixture.weightGradients.map((gradient) => empty(weightsOnly(gradient)))
    const dy = batched(fixture.dy)
    backward[fixture.op]!({ fixture, x: inputs[0]!, y, dy, weights, saved, dx, dWeights, step })
    dx.forEach((gradient, i) =>
      expectClose(gradient.data, fixture.inputGradients[i]!.data, `input gradient ${i}`),
    )
    dWeights.forEach((gradient, i) =>
      expectClose(gradient.data, fixture.weightGradients[i]!.data, `weight gradient ${i}`),
    )
  })

  test('the fixtures cover every operation but flatten and dropout', () => {
    // Flatten makes no pass; dropout's mask is our own (whole networks with dropout: pytorchNetworks.test.ts).
    const covered = new Set(operations.map(({ op }) => op))
    expect([...covered].sort()).toEqual(['add', ...Object.keys(backward)].sort())
  })

  test.each(
    crossEntropy.map((fixture, i) => {
      const about = `smoothing ${fixture.smoothing}${fixture.weights ? ', weighted' : ''}`
      return [`${i}: ${about}`, fixture] as const
    }),
  )('softmax cross-entropy %s', (_, fixture) => {
    const step = stepOf(fixture.labels.length, fixture.labels)
    const logits = batched(fixture.logits)
    const probabilities = empty(logits)
    const attrs: KernelAttrs['softmaxCrossEntropy'] = { labelSmoothing: fixture.smoothing }
    const { weights } = fixture
    const classWeights = weights ? [{ shape: [weights.length], data: Float64Array.from(weights) }] : []
    const sums = weights ? [{ shape: [2], data: new Float64Array(2) }] : []
    run('softmaxCrossEntropy', [logits, ...classWeights], [probabilities, ...sums], attrs, step)
    const gradient = empty(logits)
    run('softmaxCrossEntropyGrad', [probabilities, ...classWeights, ...sums], [gradient], attrs, step)
    expectClose([step.loss, step.correct], [fixture.loss, fixture.correct], 'loss and correct')
    expectClose(probabilities.data, fixture.probabilities.data, 'probabilities')
    expectClose(gradient.data, fixture.gradient.data, 'gradient')
  })
})

describe('reference optimisers equal PyTorch', () => {
  const fixtures = load<OptimizerFixture[]>('optimizers.json')
  const title = ({ name, clipNorm }: OptimizerFixture): string =>
    clipNorm === null ? name : `${name}, clipped to ${clipNorm}`
  test.each(fixtures.map((fixture) => [title(fixture), fixture] as const))('%s', (_, fixture) => {
    const arenas = {
      parameters: Float64Array.from(fixture.start),
      gradients: new Float64Array(fixture.start.length),
      moment1: new Float64Array(fixture.start.length),
      moment2: new Float64Array(fixture.start.length),
    }
    fixture.gradients.forEach((gradients, index) => {
      arenas.gradients.set(gradients)
      const { settings, clipNorm } = fixture
      optimizerStep(settings, arenas, settings.learningRate, index + 1, clipNorm)
      expectClose(arenas.parameters, fixture.parameters[index]!, `after step ${index + 1}`)
    })
  })
})
