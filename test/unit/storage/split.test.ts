import { describe, expect, test } from 'vitest'
import type { ImageSet } from '#shared/engine/tensors'
import { isHeldOutDigit, readDigits } from '../../../src-main/storage/digits'
import { measureNormalisation } from '../../../src-main/storage/measureNormalisation'
import { permuteImages } from '../../../src-main/storage/permuteImages'
import { splitClass, uniform } from '../../../src-main/storage/split'

describe('splitClass', () => {
  test.each([
    [10, 0.2, 0, [8, 2, 0]],
    [300, 0.2, 0, [240, 60, 0]],
    [3, 0.2, 0, [2, 1, 0]],
    [2, 0.9, 0, [1, 1, 0]],
    [1, 0.5, 0, [1, 0, 0]],
    [10, 0.2, 0.3, [5, 2, 3]],
    [2, 0.2, 0.9, [1, 1, 0]],
    [4, 0.99, 0, [1, 3, 0]],
    [10, 0, 0.2, [8, 0, 2]],
  ])('%i images, validation %f, test %f', (n, validation, testShare, [training, held, kept] = []) => {
    const parts = splitClass(n, { validation, test: testShare }, 7)
    expect([parts.training.length, parts.validation.length, parts.test.length]).toEqual([
      training,
      held,
      kept,
    ])
    const all = [...parts.training, ...parts.validation, ...parts.test].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: n }, (_, i) => i))
  })

  test('the seed decides, and the same seed decides the same', () => {
    const of = (seed: number) => splitClass(50, { validation: 0.2, test: 0 }, seed).validation
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    // Fixed for ever: a split must not change between versions.
    expect(splitClass(10, { validation: 0.3, test: 0.2 }, 1)).toMatchInlineSnapshot(`
      {
        "test": [
          7,
          8,
        ],
        "training": [
          0,
          4,
          5,
          6,
          9,
        ],
        "validation": [
          1,
          2,
          3,
        ],
      }
    `)
  })

  test('uniform is even', () => {
    const random = uniform(5)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const bin = Math.floor(random() * 10)
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })
})

describe('digits', () => {
  test('10,000 in ten classes one after the other, 2,000 held out', async () => {
    const { images, classes, attribution } = await readDigits()
    expect(images.count).toBe(10_000)
    expect(classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect([...images.labels]).toEqual([...images.labels].sort((a, b) => a - b))
    expect(Array.from(images.labels.keys()).filter(isHeldOutDigit)).toHaveLength(2000)
    expect(attribution).toContain('MNIST')
    // White on black, each with ink.
    for (let i = 0; i < images.count; i += 501) {
      const digit = images.pixels.subarray(i * 784, (i + 1) * 784)
      expect(Math.max(...digit)).toBeGreaterThan(200)
      expect(digit[0]).toBe(0)
    }
  })
})

test('measureNormalisation is mean and deviation band by band; a constant band has std 1', () => {
  const pixels = Uint8Array.from([0, 7, 255, 7, 51, 7, 102, 7])
  const images: ImageSet<Uint8Array> = {
    count: 2,
    height: 1,
    width: 2,
    channels: 2,
    pixels,
    labels: new Int32Array(2),
  }
  const { mean, std } = measureNormalisation(images)
  const values = [0, 1, 0.2, 0.4]
  const average = 0.4
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / 4)
  expect(mean[0]).toBeCloseTo(average, 12)
  expect(std[0]).toBeCloseTo(deviation, 12)
  expect(mean[1]).toBeCloseTo(7 / 255, 12)
  expect(std[1]).toBe(1)
})

test('permuteImages puts each image where the order says', () => {
  const order = [3, 1, 4, 0, 2, 5]
  const pixels = Uint8Array.from(Array.from({ length: 6 }, (_, i) => [i, i + 100]).flat())
  permuteImages(pixels, 2, order)
  expect([...pixels]).toEqual(order.flatMap((i) => [i, i + 100]))
})
