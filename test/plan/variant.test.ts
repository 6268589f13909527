/** What augmentation does to an image, on images small enough to see it. */
import { describe, expect, test } from 'vitest'
import { augmentationSchema, augments, type AugmentationSettings } from '#shared/training/augmentation'
import { drawVariant } from '../../src-main/engine/ops/gather/variant'
import { gauss, varyImage } from '../../src-main/engine/ops/gather/varyImage'

const settings = (some: Partial<AugmentationSettings>): AugmentationSettings => augmentationSchema.parse(some)

interface Picture {
  height: number
  width: number
  values: number[]
}

/** One band, not normalised, as a text: rows apart by `/`. */
function varied(
  { height, width, values }: Picture,
  some: Partial<AugmentationSettings>,
  image: number,
): string {
  const augmentation = settings(some)
  const variant = drawVariant(augmentation, height, width, { seed: 1, epoch: 1, image })
  const x = new Float64Array(height * width)
  const normalisation = { mean: [0], invStd: [1], divisor: 1 }
  const { noise } = augmentation
  varyImage({ height, width, channels: 1, value: (i) => values[i]!, ...normalisation, variant, noise }, x)
  return Array.from({ length: height }, (_, r) => x.slice(r * width, (r + 1) * width).join(' ')).join('/')
}

/** Every picture that comes out for the first hundred images, and how often. */
function outcomes(picture: Picture, some: Partial<AugmentationSettings>): Map<string, number> {
  const found = new Map<string, number>()
  for (let image = 0; image < 400; image++) {
    const text = varied(picture, some, image)
    found.set(text, (found.get(text) ?? 0) + 1)
  }
  return found
}

const square: Picture = { height: 2, width: 2, values: [1, 2, 3, 4] }
const wide: Picture = { height: 2, width: 3, values: [1, 2, 3, 4, 5, 6] }

describe('an image is', () => {
  test('itself where nothing is asked for', () => {
    expect(augments(settings({}))).toBe(false)
    expect([...outcomes(wide, {}).keys()]).toEqual(['1 2 3/4 5 6'])
  })

  test.each([
    ['flipped left to right', wide, { flipHorizontal: true }, ['1 2 3/4 5 6', '3 2 1/6 5 4']],
    ['flipped upside down', wide, { flipVertical: true }, ['1 2 3/4 5 6', '4 5 6/1 2 3']],
    [
      'turned by quarters, as numpy.rot90 does',
      square,
      { rotate: true },
      ['1 2/3 4', '2 4/1 3', '4 3/2 1', '3 1/4 2'],
    ],
    ['turned by halves where it is no square', wide, { rotate: true }, ['1 2 3/4 5 6', '6 5 4/3 2 1']],
  ] as const)('%s, each way as often', (_, picture, some, wanted) => {
    const found = outcomes(picture as Picture, some)
    expect([...found.keys()].sort()).toEqual([...wanted].sort())
    // 400 draws of even chances lie within 4 deviations of their mean.
    const mean = 400 / wanted.length
    for (const count of found.values()) expect(Math.abs(count - mean)).toBeLessThan(4 * Math.sqrt(mean))
  })

  test('one of eight where it may be flipped and turned', () => {
    const all = { flipHorizontal: true, flipVertical: true, rotate: true }
    expect(outcomes(square, all).size).toBe(8)
    expect(outcomes(wide, all).size).toBe(4)
  })

  test('shifted by whole pixels, the edge going on', () => {
    const row: Picture = { height: 1, width: 4, values: [1, 2, 3, 4] }
    const wanted = ['1 2 3 4', '2 3 4 4', '3 4 4 4', '1 1 2 3', '1 1 1 2']
    expect([...outcomes(row, { shift: 0.5 }).keys()].sort()).toEqual(wanted.sort())
    expect([...outcomes(row, { shift: 0.49 }).keys()].sort()).toEqual(['1 1 2 3', '1 2 3 4', '2 3 4 4'])
  })

  test('cut at a random place and size, and stretched to the whole again', () => {
    // A ramp stays a ramp: the values are the positions.
    const ramp: Picture = { height: 1, width: 100, values: Array.from({ length: 100 }, (_, i) => i) }
    const spans = Array.from({ length: 200 }, (_, image) => {
      const values = varied(ramp, { crop: 0.5 }, image).split(' ').map(Number)
      const steps = values.slice(1).map((value, i) => value - values[i]!)
      // But for the outermost half pixel, at most.
      for (const step of steps.slice(1, -1)) expect(step).toBeCloseTo(steps[50]!, 3)
      return { first: values[0]!, last: values[99]!, step: steps[50]! }
    })
    for (const { first, last, step } of spans) {
      expect(first).toBeGreaterThanOrEqual(0)
      expect(last).toBeLessThanOrEqual(99)
      expect(step).toBeGreaterThanOrEqual(0.5 - 1e-4)
      expect(step).toBeLessThanOrEqual(1)
    }
    expect(Math.min(...spans.map(({ step }) => step))).toBeLessThan(0.52)
    expect(Math.max(...spans.map(({ step }) => step))).toBeGreaterThan(0.98)
    expect(Math.min(...spans.map(({ first }) => first))).toBeLessThan(1)
    expect(Math.max(...spans.map(({ first }) => first))).toBeGreaterThan(40)
  })

  test('brightened as a whole, its contrast around the mean', () => {
    const lines = Array.from({ length: 300 }, (_, image) =>
      varied({ height: 1, width: 3, values: [-1, 0, 2] }, { brightness: 0.5, contrast: 0.2 }, image)
        .split(' ')
        .map(Number),
    )
    const offsets = lines.map(([, zero]) => zero!)
    const gains = lines.map(([low, zero]) => zero! - low!)
    lines.forEach(([, , high], i) => expect(high).toBeCloseTo(2 * gains[i]! + offsets[i]!, 9))
    for (const [values, low, high] of [
      [offsets, -0.5, 0.5],
      [gains, 0.8, 1.2],
    ] as const) {
      const margin = (high - low) / 20
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low)
      expect(Math.max(...values)).toBeLessThanOrEqual(high)
      expect(Math.min(...values)).toBeLessThan(low + margin)
      expect(Math.max(...values)).toBeGreaterThan(high - margin)
    }
  })

  test('without what is not there: the mean, whatever else is done', () => {
    const row: Picture = { height: 1, width: 4, values: [1, NaN, Infinity, 4] }
    for (let image = 0; image < 50; image++) {
      const values = varied(row, { brightness: 1, contrast: 0.5, noise: 1 }, image).split(' ').map(Number)
      expect(values.slice(1, 3)).toEqual([0, 0])
      expect(values[0]).not.toBe(1)
      const cut = varied(row, { crop: 0.6 }, image).split(' ').map(Number)
      expect(cut.every(Number.isFinite)).toBe(true)
      expect(cut).toContain(0)
    }
  })
})

test('noise is nearly Gaussian, and another one for every image, epoch and seed', () => {
  const count = 200_000
  const moments = [0, 0, 0, 0]
  let beyond2 = 0
  for (let i = 0; i < count; i++) {
    const value = gauss(12_345, i)
    moments.forEach((_, power) => (moments[power]! += value ** (power + 1) / count))
    if (Math.abs(value) > 2) beyond2++
  }
  const [mean, square, cube, fourth] = moments as [number, number, number, number]
  expect(mean).toBeCloseTo(0, 2)
  expect(square).toBeCloseTo(1, 1)
  expect(cube).toBeCloseTo(0, 1)
  expect(fourth).toBeGreaterThan(2.8)
  expect(fourth).toBeLessThan(3)
  // 4.55 % of a Gaussian.
  expect(beyond2 / count).toBeCloseTo(0.0455, 2)

  const about = [
    { seed: 1, epoch: 1, image: 1 },
    { seed: 2, epoch: 1, image: 1 },
    { seed: 1, epoch: 2, image: 1 },
    { seed: 1, epoch: 1, image: 2 },
  ]
  const all = settings({
    flipHorizontal: true,
    shift: 0.3,
    crop: 0.5,
    brightness: 1,
    contrast: 0.5,
    noise: 1,
  })
  const texts = about.map((of) => JSON.stringify(drawVariant(all, 28, 28, of)))
  expect(new Set(texts).size).toBe(4)
  expect(about.map((of) => JSON.stringify(drawVariant(all, 28, 28, of)))).toEqual(texts)
})
