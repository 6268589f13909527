/** Trainings with augmented images: what they come to does not hang on threads, stops, or how images are brought. */
import { describe, expect, test } from 'vitest'
import type { Executor, ExecutorChoice } from '#shared/engine/executor'
import type { ImageSet, Normalisation } from '#shared/engine/tensors'
import { augmentationSchema } from '#shared/training/augmentation'
import { trainingSchema } from '#shared/training/settings'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { drawVariant } from '../../src-main/engine/ops/gather/variant'
import { varyImage } from '../../src-main/engine/ops/gather/varyImage'
import { isHeldOutDigit, readDigits } from '../../src-main/storage/digits'
import { measureNormalisation } from '../../src-main/storage/measureNormalisation'
import { lenet } from '../plan/graphs'
import { streamOf } from '../plan/streamOf'
import { ofType, outcome, trainCommand, watchTraining } from './trainingRun'

const create = (_choice: ExecutorChoice, threads: number | null): Promise<Executor> =>
  createWasmExecutor({ threads })

const everything = {
  ...{ flipHorizontal: true, flipVertical: true, rotate: true, shift: 0.2, crop: 0.7 },
  ...{ brightness: 0.3, contrast: 0.3, noise: 0.1 },
}
const plain = trainCommand()
const augmented = { ...plain.training, augmentation: augmentationSchema.parse(everything) }

describe('a training with augmented images', () => {
  test('comes to the same bits at any number of threads, and from a stream', async () => {
    const whole = await watchTraining(trainCommand({ training: augmented, threads: 1 }), create)
    for (const threads of [2, 3]) {
      const other = await watchTraining(trainCommand({ training: augmented, threads }), create)
      expect(outcome(other)).toEqual(outcome(whole))
    }
    const trainingImages = streamOf(plain.trainingImages as ImageSet, 160)
    const streamed = await watchTraining(trainCommand({ training: augmented, trainingImages }), create)
    trainingImages.close()
    expect(outcome(streamed)).toEqual(outcome(whole))
    const without = await watchTraining(plain, create)
    expect(outcome(without)).not.toEqual(outcome(whole))
  })

  test('goes on from any state to the very same end', async () => {
    const whole = await watchTraining(trainCommand({ training: augmented }), create)
    const states = ofType(whole.events, 'checkpoint').map(({ state }) => state)
    const within = states.filter(({ epoch }) => epoch === 1)
    expect(within.length).toBeGreaterThan(0)
    for (const state of [within[0]!, within.at(-1)!]) {
      const rest = await watchTraining(trainCommand({ training: augmented, state }), create)
      expect(rest.finished.state).toEqual(whole.finished.state)
    }
  })
})

function part(images: ImageSet<Uint8Array>, wanted: (index: number) => boolean): ImageSet<Uint8Array> {
  const size = images.height * images.width
  const indices = Array.from({ length: images.count }, (_, i) => i).filter(wanted)
  const pixels = new Uint8Array(indices.length * size)
  indices.forEach((from, to) => pixels.set(images.pixels.subarray(from * size, (from + 1) * size), to * size))
  return {
    ...images,
    count: indices.length,
    pixels,
    labels: Int32Array.from(indices, (i) => images.labels[i]!),
  }
}

/** The images moved by up to a fifth of their sides. */
function moved(images: ImageSet<Uint8Array>): ImageSet<Uint8Array> {
  const { count, height, width } = images
  const size = height * width
  const pixels = new Uint8Array(count * size)
  const settings = augmentationSchema.parse({ shift: 0.2 })
  const x = new Float64Array(size)
  for (let image = 0; image < count; image++) {
    const variant = drawVariant(settings, height, width, { seed: 99, epoch: 1, image })
    const value = (i: number): number => images.pixels[image * size + i]!
    varyImage({ height, width, channels: 1, value, mean: [0], invStd: [1], divisor: 1, variant, noise: 0 }, x)
    pixels.set(x, image * size)
  }
  return { ...images, pixels }
}

test(
  'LeNet that was shown shifted digits reads shifted ones, unlike one that was not',
  { timeout: 300_000 },
  async () => {
    const { images } = await readDigits()
    const trainingImages = part(images, (i) => !isHeldOutDigit(i))
    const validationImages = moved(part(images, isHeldOutDigit))
    const normalisation: Normalisation = measureNormalisation(trainingImages)
    const accuracy = async (shift: number): Promise<number> => {
      const training = trainingSchema.parse({ epochs: 6, batchSize: 32, augmentation: { shift } })
      const about = {
        trainingImages,
        validationImages,
        normalisation,
        classWeights: null,
        checkpointSeconds: 60,
      }
      const run = await watchTraining(
        trainCommand({ graph: lenet(), training, threads: null, ...about }),
        create,
      )
      return ofType(run.events, 'epoch').at(-1)!.metrics.valAccuracy
    }
    const [with_, without] = [await accuracy(0.2), await accuracy(0)]
    console.log(
      `LeNet on digits shifted by up to 5 pixels, 6 epochs: ${with_} with shifts, ${without} without`,
    )
    expect(with_).toBeGreaterThan(0.85)
    expect(without).toBeLessThan(with_ - 0.2)
  },
)
