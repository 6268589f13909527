/**
 * Whole training runs against PyTorch (float64): the same weights, batches and dropout masks must give the same losses after
 * 1, 10 and 50 steps: for every optimiser with and without weight decay, with and without batch normalisation, and for gradient
 * clipping, label smoothing and class weights.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import type { NamedTensor } from '#shared/engine/tensors'
import type { OptimizerSettings } from '#shared/training/settings'
import { compileNetwork, lossNames } from '../../src-main/engine/plan/compileNetwork'
import type { Network } from '../../src-main/engine/plan/network'
import { NetworkBuilder } from './networkBuilder'

interface RunFixture {
  optimizer: string
  settings: OptimizerSettings
  batchNorm: boolean
  dropout: boolean
  clipNorm: number | null
  labelSmoothing: number
  classWeights: number[] | null
  losses: number[]
  /** Some weights after the last step. */
  after: Record<string, number[]>
}

interface NetworksFixture {
  pixels: number[]
  labels: number[]
  mean: number
  std: number
  seed: number
  batch: number
  start: Record<string, { shape: number[]; data: number[] }>
  runs: RunFixture[]
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch/networks.json', import.meta.url), 'utf8'),
) as NetworksFixture

/** The network of makeOps.py, under the same names. */
function network({ batchNorm, dropout }: RunFixture): Network {
  const builder = new NetworkBuilder([10, 10, 1]).conv2d('c1', {
    filters: 4,
    kernelSize: 3,
    padding: 1,
    useBias: !batchNorm,
  })
  if (batchNorm) builder.batchNorm('bn')
  builder
    .activation('t1', 'tanh')
    .pool('avgPool2d', 'p1', { poolSize: 2 })
    .conv2d('c2', { filters: 6, kernelSize: 2 })
    .activation('s2', 'sigmoid')
    .pool('maxPool2d', 'p2', { poolSize: 2 })
    .flatten('flat')
    .dense('d1', 12)
    .activation('t3', 'tanh')
  if (dropout) builder.dropout('drop', 0.3)
  return builder.dense('d2', 3).build()
}

function largestRatio(found: ArrayLike<number>, expected: readonly number[]): number {
  const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-3)
  return expected.reduce((max, x, i) => Math.max(max, Math.abs(x - found[i]!)), 0) / largest
}

export interface PytorchOptions {
  /** Allowed relative difference of the losses. */
  tolerance?: number
  /** Only runs for which this holds; say why where it is used. */
  only?: (run: RunFixture) => boolean
}

export function definePytorchNetworks(
  name: string,
  create: () => Promise<Executor>,
  { tolerance = 1e-3, only = () => true }: PytorchOptions = {},
): void {
  const title = (run: RunFixture): string => {
    const parts = {
      batchNorm: run.batchNorm,
      dropout: run.dropout,
      clipping: run.clipNorm !== null,
      smoothing: run.labelSmoothing > 0,
      'class weights': run.classWeights !== null,
    }
    const used = Object.entries(parts).flatMap(([part, there]) => (there ? [part] : []))
    return [run.optimizer, ...used].join(' + ')
  }

  describe(`${name} trains as PyTorch does`, () => {
    test.each(fixture.runs.filter(only).map((run) => [title(run), run] as const))('%s', async (_, run) => {
      const executor = await create()
      try {
        const { batch, labels, pixels, seed, start, mean, std } = fixture
        const { settings: optimizer, clipNorm, labelSmoothing, classWeights } = run
        await executor.prepare(
          compileNetwork(network(run), {
            batchSize: batch,
            optimizer,
            seed,
            clipNorm,
            labelSmoothing,
            classWeights: classWeights !== null,
          }),
        )
        await executor.setNormalisation({ mean: [mean], std: [std] })
        await executor.loadImages('training', {
          count: labels.length,
          height: 10,
          width: 10,
          channels: 1,
          pixels: Uint8Array.from(pixels),
          labels: Int32Array.from(labels),
        })
        const weights: NamedTensor[] = Object.entries(start)
          .filter(([weight]) => !weight.startsWith(run.batchNorm ? 'c1/bias' : 'bn/'))
          .map(([weight, { shape, data }]) => ({ name: weight, shape, data: Float32Array.from(data) }))
        if (classWeights) {
          const data = Float32Array.from(classWeights)
          weights.push({ name: lossNames.classWeights, shape: [data.length], data })
        }
        await executor.write(weights)

        // In calls of unequal length, so that the step count is carried over calls too.
        const losses: number[] = []
        for (const steps of [1, 2, 17, 30]) {
          const first = losses.length
          const indices = Uint32Array.from(
            { length: steps * batch },
            (_, i) => (first * batch + i) % labels.length,
          )
          const result = await executor.run({
            mode: 'train',
            set: 'training',
            indices,
            counts: new Uint32Array(steps).fill(batch),
            learningRates: new Float32Array(steps).fill(run.settings.learningRate),
            firstStep: first,
            probabilities: false,
          })
          losses.push(...result.losses)
        }
        for (const step of [1, 10, 50]) {
          const expected = run.losses[step - 1]!
          expect(Math.abs(losses[step - 1]! - expected) / expected, `loss after step ${step}`).toBeLessThan(
            tolerance,
          )
        }
        expect(run.losses[49], 'the run learns something').toBeLessThan(run.losses[0]!)
        for (const [weight, expected] of Object.entries(run.after)) {
          const [found] = await executor.read([weight])
          expect(largestRatio(found!.data, expected), weight).toBeLessThan(10 * tolerance)
        }
      } finally {
        await executor.dispose()
      }
    })
  })
}
