/**
 * Holds an executor to the reference. Each case is run twice: once with every tensor kept, to compare every activation and
 * every gradient; once with memory shared by lifetime, to compare what remains (losses, gradients, weights, moments).
 *
 * Per tensor: max|a − b| ≤ 1e-4 · max(1e-3, max|b|), b being the reference (double precision).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Executor, StepRequest, StepResult } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import {
  byteScale,
  type ImageSet,
  type NamedTensor,
  type Normalisation,
  type Pixels,
} from '#shared/engine/tensors'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { optimizerMoments } from '../../src-main/engine/ops/optimizer/moments'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { conformanceCases, planSettings, type ConformanceCase, type PixelType } from './cases'
import { createRandom, randomImages, randomWeights, type Random } from './random'

export interface ConformanceOptions {
  /** Largest allowed |a − b| / max(1e-3, max|b|). */
  tolerance?: number
  /** Losses below this are compared on its scale (default 1e-3, as every tensor); say why where it is used. */
  smallestLossScale?: number
  /** The executor computes inference with a few images by another way than whole batches: every case once more so. */
  fewImages?: boolean
  /** Only cases for which this holds; say why where it is used. */
  only?: (candidate: ConformanceCase) => boolean
}

/**
 * WGSL promises log(x) near 1 only to an absolute 2^-21 (WebGPU Shading Language, "Accuracy of Built-in Functions"), and a loss
 * near 0 is such a log. So on WebGPU losses below 0.01 are compared to 1e-6.
 */
export const webGpuLosses = { smallestLossScale: 1e-2 } satisfies ConformanceOptions

function makeImages(candidate: ConformanceCase, random: Random, classes: number): ImageSet {
  const total = candidate.counts.reduce((sum, count) => sum + count, 0)
  const images = randomImages(random, total, candidate.network.input.shape, classes)
  const size = images.pixels.length / images.count
  if (candidate.flatImages) {
    for (let i = 0; i < images.pixels.length; i++) images.pixels[i] = images.pixels[i - (i % size) + (i % 2)]!
  }
  if (candidate.someUnlabelled) for (let i = 0; i < total; i += 3) images.labels[i] = -1
  const { changing = false, pixels = 'uint8' } = candidate
  return {
    ...images,
    pixels: pixelsOf(pixels, images.pixels, candidate.scale ?? byteScale, random),
    changing,
  }
}

/** Bytes made numbers of another type that the normalisation brings to the same range, more or less. */
function pixelsOf(type: PixelType, bytes: Pixels, scale: number, random: Random): Pixels {
  if (type === 'uint8') return bytes
  if (type === 'uint16') return Uint16Array.from(bytes, (byte) => byte * 256 + Math.floor(random() * 256))
  const missing = [NaN, Infinity, -Infinity]
  return Float32Array.from(bytes, (byte, i) =>
    byte % 7 === 0 ? missing[i % 3]! : (byte / 255 - 0.2 + random() / 256) / scale,
  )
}

interface Inputs {
  plan: Plan
  images: ImageSet
  weights: NamedTensor[]
  normalisation: Normalisation
}

function makeInputs(candidate: ConformanceCase, plan: Plan, random: Random): Inputs {
  const channels = plan.input.at(-1)!
  return {
    plan,
    images: makeImages(candidate, random, plan.classes),
    weights: randomWeights(random, plan),
    normalisation: {
      mean: Array.from({ length: channels }, () => 0.4 + 0.2 * random()),
      std: Array.from({ length: channels }, () => 0.2 + 0.2 * random()),
      scale: candidate.scale,
    },
  }
}

interface Outcome {
  train?: StepResult
  tensors: NamedTensor[]
  infer: StepResult
}

async function runCase(
  executor: Executor,
  candidate: ConformanceCase,
  inputs: Inputs,
  names: string[],
): Promise<Outcome> {
  const { plan, images, weights, normalisation } = inputs
  await executor.prepare(plan)
  await executor.setNormalisation(normalisation)
  await executor.loadImages('training', images)
  await executor.write(weights)
  const counts = Uint32Array.from(candidate.counts)
  // Back to front, so that an executor that ignores the indices is found out.
  const indices = Uint32Array.from({ length: images.count }, (_, i) => images.count - 1 - i)
  const request: StepRequest = {
    mode: 'train',
    set: 'training',
    indices,
    counts,
    learningRates: new Float32Array(counts.length).fill(candidate.optimizer.learningRate),
    firstStep: 3,
    probabilities: true,
    // Not the places: what is drawn hangs on the images' numbers.
    drawn: { epoch: 2, images: indices.map((index) => 3 * index + 1) },
  }
  const train = await executor.run(request)
  const tensors = await executor.read(names)
  const infer = await executor.run({ ...request, mode: 'infer', learningRates: new Float32Array(0) })
  return { train, tensors, infer }
}

/** Two batches, a full one and one with a single image; `names` are read after the second. */
async function inferFew(
  executor: Executor,
  { plan, images, weights, normalisation }: Inputs,
  count: number,
  names: string[],
): Promise<Outcome> {
  await executor.prepare(plan)
  await executor.setNormalisation(normalisation)
  await executor.loadImages('few', images)
  await executor.write(weights)
  const infer = await executor.run({
    mode: 'infer',
    set: 'few',
    indices: Uint32Array.from({ length: count + 1 }, (_, i) => (i * 3) % images.count),
    counts: Uint32Array.of(count, 1),
    learningRates: new Float32Array(0),
    firstStep: 0,
    probabilities: true,
  })
  return { infer, tensors: await executor.read(names) }
}

/** Largest difference in units of the tolerance's scale; NaN anywhere counts as infinite. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>, smallestScale = 1e-3): number {
  if (a.length !== b.length) return Infinity
  let largest = smallestScale
  let worst = 0
  for (let i = 0; i < b.length; i++) {
    largest = Math.max(largest, Math.abs(b[i]!))
    const distance = Math.abs(a[i]! - b[i]!)
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance)
  }
  return worst / largest
}

function compare(candidate: Outcome, truth: Outcome, tolerance: number, smallestLossScale: number): string[] {
  const problems: string[] = []
  const check = (what: string, a: ArrayLike<number>, b: ArrayLike<number>, smallestScale?: number): void => {
    const value = difference(a, b, smallestScale)
    if (!(value <= tolerance)) problems.push(`${what}: differs by ${value.toExponential(2)}`)
  }
  for (const mode of ['train', 'infer'] as const) {
    const [a, b] = [candidate[mode], truth[mode]]
    if (!a || !b) continue
    check(`${mode} losses`, a.losses, b.losses, smallestLossScale)
    check(`${mode} correct`, a.correct, b.correct)
    check(`${mode} probabilities`, a.probabilities ?? [], b.probabilities!)
  }
  truth.tensors.forEach((tensor, i) => {
    const other = candidate.tensors[i]!
    expect([other.name, ...other.shape]).toEqual([tensor.name, ...tensor.shape])
    check(tensor.name, other.data, tensor.data)
  })
  return problems
}

/** Names of tensors that hold something defined after the last training step. */
function comparableNames(plan: Plan, withActivations: boolean): string[] {
  const used = new Set(plan.train.flatMap((pass) => pass.outputs))
  const names = plan.tensors
    .filter(
      ({ id, arena, name }) =>
        (arena === 'activations' && withActivations && used.has(id)) ||
        arena === 'parameters' ||
        arena === 'gradients' ||
        arena === 'saved' ||
        (arena === 'state' && !name.startsWith('normalisation/')),
    )
    .map(({ name }) => name)
  return [...names, ...(plan.optimizer ? optimizerMoments(plan.optimizer) : [])]
}

/**
 * Defines one or two tests per case; `npm test` counts them by these names. `create` is called once; the executor is prepared anew
 * for each case.
 */
export function defineConformance(
  name: string,
  create: () => Promise<Executor>,
  {
    tolerance = 1e-4,
    smallestLossScale = 1e-3,
    fewImages = false,
    only = () => true,
  }: ConformanceOptions = {},
): void {
  const cases = conformanceCases.filter(only)

  describe(`conformance of ${name}`, () => {
    let executor: Executor
    beforeAll(async () => {
      executor = await create()
    })
    afterAll(async () => executor?.dispose())

    cases.forEach((candidate, index) => {
      test(`${candidate.subject} ${candidate.label}`, async () => {
        const { network, batchSize } = candidate
        for (const shareMemory of [false, true]) {
          const settings = planSettings(candidate)
          const plan = compileNetwork(network, { ...settings, batchSize, seed: 7, shareMemory })
          const inputs = makeInputs(candidate, plan, createRandom(1000 + index))
          const names = comparableNames(plan, !shareMemory)
          const truth = await runCase(new ReferenceExecutor(), candidate, inputs, names)
          const outcome = await runCase(executor, candidate, inputs, names)
          const problems = compare(outcome, truth, tolerance, smallestLossScale)
          expect(problems, shareMemory ? 'with shared memory' : 'with every tensor kept').toEqual([])
        }
      })

      if (!fewImages) return
      test(`${candidate.subject} ${candidate.label}, inference with few images`, async () => {
        const { network } = candidate
        const count = 1 + (index % 5)
        for (const shareMemory of [false, true]) {
          const plan = compileNetwork(network, { batchSize: count, optimizer: null, seed: 7, shareMemory })
          const inputs = makeInputs(candidate, plan, createRandom(1000 + index))
          const outputs = plan.infer.flatMap((pass) => pass.outputs)
          const names = shareMemory ? [] : outputs.map((id) => plan.tensors[id]!.name)
          const truth = await inferFew(new ReferenceExecutor(), inputs, count, names)
          const outcome = await inferFew(executor, inputs, count, names)
          const problems = compare(outcome, truth, tolerance, smallestLossScale)
          expect(problems, shareMemory ? 'with shared memory' : 'with every tensor kept').toEqual([])
        }
      })
    })
  })
}
