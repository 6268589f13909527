/**
 * It learns: LeNet on the bundled digits (8,000 to train on, 2,000 held out) with Adam 5e-3, batch 32, through the trainer and
 * the CPU executor. A PyTorch twin reaches 0.953-0.960 after 5 epochs and 0.9685-0.9735 after 10.
 */
import { expect, test } from 'vitest'
import type { EpochMetrics } from '#shared/engine/protocol'
import type { ImageSet, Normalisation } from '#shared/engine/tensors'
import { trainingSchema } from '#shared/training/settings'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { Trainer } from '../../src-main/engine/trainer'
import { isHeldOutDigit, readDigits } from '../../src-main/storage/digits'
import { measureNormalisation } from '../../src-main/storage/measureNormalisation'
import { lenet } from '../plan/graphs'

function part(images: ImageSet<Uint8Array>, wanted: (index: number) => boolean): ImageSet<Uint8Array> {
  const size = images.height * images.width * images.channels
  const indices = Array.from({ length: images.count }, (_, i) => i).filter(wanted)
  const pixels = new Uint8Array(indices.length * size)
  indices.forEach((index, i) =>
    pixels.set(images.pixels.subarray(index * size, (index + 1) * size), i * size),
  )
  const labels = Int32Array.from(indices, (index) => images.labels[index]!)
  return { ...images, count: indices.length, pixels, labels }
}

async function train(training: ImageSet, validation: ImageSet, normalisation: Normalisation, seed: number) {
  const epochs: EpochMetrics[] = []
  const trainer = new Trainer(
    {
      type: 'train',
      runId: `seed ${seed}`,
      graph: lenet(),
      training: trainingSchema.parse({ epochs: 10, batchSize: 32, seed }),
      executor: 'cpu',
      threads: null,
      trainingImages: training,
      validationImages: validation,
      normalisation,
      classWeights: null,
      state: null,
      checkpointSeconds: 60,
      interruption: null,
    },
    {
      createExecutor: (_choice, threads) => createWasmExecutor({ threads }),
      emit: (event) => {
        if (event.type === 'epoch') epochs.push(event.metrics)
      },
      stopRequested: () => false,
      pause: () => null,
    },
  )
  await trainer.run()
  return epochs
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

test('LeNet learns the digits: median of three seeds', { timeout: 300_000 }, async () => {
  const { images } = await readDigits()
  const training = part(images, (i) => !isHeldOutDigit(i))
  const validation = part(images, isHeldOutDigit)
  expect([training.count, validation.count]).toEqual([8000, 2000])
  const normalisation = measureNormalisation(training)
  const runs: EpochMetrics[][] = []
  for (const seed of [1, 2, 3]) runs.push(await train(training, validation, normalisation, seed))

  const accuracy = (epoch: number): number[] => runs.map((epochs) => epochs[epoch - 1]!.valAccuracy)
  console.log(
    `LeNet on digits, held out: 5 epochs ${accuracy(5).join(' ')}, 10 epochs ${accuracy(10).join(' ')}`,
  )
  console.log(`images per second: ${runs.map((epochs) => Math.round(epochs[9]!.imagesPerSecond)).join(' ')}`)
  expect(median(accuracy(5))).toBeGreaterThanOrEqual(0.945)
  expect(median(accuracy(10))).toBeGreaterThanOrEqual(0.965)
})
