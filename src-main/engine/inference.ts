/** Class probabilities of images, with any executor. */
import { setImmediate } from 'node:timers/promises'
import type { Executor } from '#shared/engine/executor'
import type { EngineEvent, InferCommand } from '#shared/engine/protocol'
import { InterlockError } from '#shared/issues/errors'
import { compilePlan } from './plan/compilePlan'
import { weightNames } from './plan/weightNames'
import { StepPacer } from './stepPacer'
import { takeBatches } from './takeBatches'

const largestBatch = 64

/**
 * Runs all images of a command through its network. Throws PROJECT_DOES_NOT_FIT, and ARGUMENT_INVALID when weights are missing.
 * The executor is left prepared; the caller disposes of it.
 */
export async function runInference(
  command: InferCommand,
  executor: Executor,
): Promise<Extract<EngineEvent, { type: 'inferred' }>> {
  const { graph, images, weights, normalisation } = command
  const plan = compilePlan(graph, {
    batchSize: Math.max(1, Math.min(largestBatch, images.count)),
    optimizer: null,
    seed: 0,
  })
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
  await executor.prepare(plan)
  await executor.setNormalisation(normalisation)
  await executor.loadImages('inference', images)
  await executor.write(wanted.map((name) => given.get(name)!))

  const probabilities = new Float32Array(images.count * plan.classes)
  const order = Uint32Array.from({ length: images.count }, (_, i) => i)
  const labelled = images.labels.reduce((count, label) => count + (label >= 0 ? 1 : 0), 0)
  const pacer = new StepPacer()
  let loss = 0
  for (let done = 0; done < images.count;) {
    await setImmediate()
    const { counts, indices } = takeBatches(order, done, plan.batchSize, pacer.next)
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
    probabilities.set(result.probabilities!, done * plan.classes)
    // Images of unknown class add nothing to a step's sum but count in its mean.
    counts.forEach((count, i) => (loss += result.losses[i]! * count))
    done += indices.length
  }
  return {
    type: 'inferred',
    requestId: command.requestId,
    executor: { ...executor.info },
    probabilities,
    classes: plan.classes,
    loss: labelled > 0 ? loss / labelled : NaN,
  }
}
