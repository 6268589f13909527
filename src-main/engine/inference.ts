/** Class probabilities of images, with any executor. */
import { setImmediate } from 'node:timers/promises'
import type { Executor } from '#shared/engine/executor'
import type { ImageSet, NamedTensor, Normalisation } from '#shared/engine/tensors'
import type { Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import { compilePlan } from './plan/compilePlan'
import { weightNames } from './plan/weightNames'
import { StepPacer } from './stepPacer'
import { takeBatches } from './takeBatches'

/** Batches that plans are made for: the smallest that holds all images, or the last. Executors may have ways of their own for few. */
const batchSizes = [1, 8, 64] as const

/** A network that can compute. */
export interface InferenceModel {
  graph: Graph
  weights: readonly NamedTensor[]
  normalisation: Normalisation
}

export interface Inference {
  /** `[count][classes]`. */
  probabilities: Float32Array
  classes: number
  /** Mean cross-entropy over images with a label; NaN where none has one. */
  loss: number
}

/**
 * A model on an executor, which stays prepared: asked again, only the images are new. The executor is the session's alone while
 * it is used; whoever made it disposes of it.
 */
export class InferenceSession {
  private prepared: { batchSize: number; classes: number } | null = null
  /** The largest batch that the executor was not seen to refuse. */
  private most: number = batchSizes.at(-1)!

  constructor(
    private readonly model: InferenceModel,
    private readonly executor: Executor,
  ) {}

  /**
   * One call at a time; in smaller batches where memory is short. Throws PROJECT_DOES_NOT_FIT, NETWORK_EXCEEDS_MEMORY, and
   * ARGUMENT_INVALID when weights are missing.
   */
  async run(images: ImageSet): Promise<Inference> {
    const { executor } = this
    const { batchSize, classes } = await this.prepare(images.count)
    await executor.loadImages('inference', images)
    const probabilities = new Float32Array(images.count * classes)
    const order = Uint32Array.from({ length: images.count }, (_, i) => i)
    const labelled = images.labels.reduce((count, label) => count + (label >= 0 ? 1 : 0), 0)
    const pacer = new StepPacer()
    let loss = 0
    for (let done = 0; done < images.count;) {
      await setImmediate()
      const { counts, indices } = takeBatches(order, done, batchSize, pacer.next)
      const started = performance.now()
      const result = await executor.run({
        mode: 'infer',
        set: 'inference',
        indices,
        counts,
        learningRates: new Float32Array(0),
        firstStep: 0,
        probabilities: true,
      })
      pacer.record(counts.length, (performance.now() - started) / 1000)
      probabilities.set(result.probabilities!, done * classes)
      // Images of unknown class add nothing to a step's sum but count in its mean.
      counts.forEach((count, i) => (loss += result.losses[i]! * count))
      done += indices.length
    }
    return { probabilities, classes, loss: labelled > 0 ? loss / labelled : NaN }
  }

  private async prepare(count: number): Promise<{ batchSize: number; classes: number }> {
    const batchSize = batchSizes.find((size) => size >= Math.min(count, this.most))!
    if (this.prepared?.batchSize === batchSize) return this.prepared
    this.prepared = null
    const { graph, weights, normalisation } = this.model
    const plan = compilePlan(graph, { batchSize, optimizer: null, seed: 0 })
    const given = new Map(weights.map((tensor) => [tensor.name, tensor]))
    const wanted = weightNames(plan)
    const missing = wanted.filter((name) => !given.has(name))
    if (missing.length > 0) {
      throw new InterlockError('ARGUMENT_INVALID', {
        what: 'Weights of the model',
        expected: wanted.join(', '),
        found: `none for ${missing.join(', ')}`,
      })
    }
    try {
      await this.executor.prepare(plan)
    } catch (thrown) {
      if (!(thrown instanceof InterlockError && thrown.code === 'OUT_OF_MEMORY')) throw thrown
      const fits = Number(thrown.details['fits'])
      this.most = Math.max(...batchSizes.filter((size) => size <= fits))
      return this.prepare(count)
    }
    await this.executor.setNormalisation(normalisation)
    await this.executor.write(wanted.map((name) => given.get(name)!))
    return (this.prepared = { batchSize, classes: plan.classes })
  }
}
