/** What a survey measures, against slow sums written out here. */
import { describe, expect, it } from 'vitest'
import { bandStatistics } from '../../../src-main/storage/survey/bandStatistics'
import { findDuplicates } from '../../../src-main/storage/survey/findDuplicates'
import { findSuspicious, type Suspect } from '../../../src-main/storage/survey/findSuspicious'
import { measurePixels } from '../../../src-main/storage/survey/measurePixels'

/** Repeatable numbers from 0 to below 1. */
function numbers(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

const bytes = (length: number, seed: number) => {
  const next = numbers(seed)
  return Uint8Array.from({ length }, () => Math.floor(next() * 256))
}
const names = (count: number) => Array.from({ length: count }, (_, i) => `band${i + 1}`)

describe('band statistics', () => {
  it('of several images are those of all their values together', () => {
    const images = [bytes(20 * 10 * 3, 1), bytes(7 * 9 * 3, 2).map((value) => value >> 3)]
    const sizes = [
      { height: 10, width: 20, channels: 3 },
      { height: 9, width: 7, channels: 3 },
    ]
    const measured = images.map((pixels, i) => measurePixels(pixels, sizes[i]!, 255))
    const found = bandStatistics(measured, names(3), (i) => sizes[i]!.height * sizes[i]!.width)
    for (let band = 0; band < 3; band++) {
      const values = images.flatMap((pixels) => Array.from(pixels).filter((_, i) => i % 3 === band))
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
      const { histogram, ...own } = found[band]!
      expect(own.min).toBe(Math.min(...values))
      expect(own.max).toBe(Math.max(...values))
      expect(own.mean).toBeCloseTo(mean, 9)
      expect(own.std).toBeCloseTo(Math.sqrt(variance), 9)
      expect(own.valid).toBe(1)
      expect([histogram.from, histogram.to]).toEqual([0, 256])
      histogram.shares.forEach((share, bin) => {
        const inBin = values.filter((value) => value >> 2 === bin).length / values.length
        expect(share).toBeCloseTo(inBin, 4)
      })
    }
  })

  it('leave out what is not there, and join ranges of different width', () => {
    const low = Float32Array.from([0, 1, 2, NaN])
    const high = Float32Array.from([10, 20, NaN, NaN])
    const size = { height: 2, width: 2, channels: 1 }
    const measured = [low, high].map((pixels) => measurePixels(pixels, size, null))
    const [band] = bandStatistics(measured, ['b'], () => 4)
    expect(band).toMatchObject({ min: 0, max: 20, mean: 33 / 5, valid: 5 / 8 })
    expect(band!.histogram).toMatchObject({ from: 0, to: 20 })
    const total = band!.histogram.shares.reduce((a, b) => a + b, 0)
    expect(total).toBeCloseTo(1, 9)
    // 0, 1 and 2 are three of five values, and lie in the first tenth.
    expect(band!.histogram.shares.slice(0, 7).reduce((a, b) => a + b, 0)).toBeCloseTo(3 / 5, 2)
  })

  it('are 0 of a band without values', () => {
    const none = measurePixels(new Float32Array(4).fill(NaN), { height: 2, width: 2, channels: 1 }, null)
    expect(bandStatistics([none], ['b'], () => 4)[0]).toMatchObject({ valid: 0, mean: 0 })
  })
})

describe('duplicates', () => {
  const look = (pixels: Uint8Array, content: string) => ({
    ...measurePixels(pixels, { height: 24, width: 27, channels: 1 }, 255),
    content,
    plain: false,
  })
  /** Smooth, as photographs are. */
  const picture = (seed: number, change = 0) => {
    const next = numbers(seed)
    const waves = Array.from({ length: 6 }, () => [next() * 0.5, next() * 0.5, next() * 6] as const)
    return Uint8Array.from({ length: 24 * 27 }, (_, i) => {
      const [x, y] = [i % 27, Math.floor(i / 27)]
      const sum = waves.reduce((all, [a, b, c]) => all + Math.sin(a * x + b * y + c), 0)
      return Math.max(0, Math.min(255, 128 + sum * 20 + change))
    })
  }

  it('of 3,000 images are those planted, and no others', () => {
    const images = Array.from({ length: 3000 }, (_, i) => look(picture(i + 1), `content${i}`))
    images[2500] = look(picture(8), 'content7')
    images[2900] = look(picture(8), 'content7')
    images[100] = look(picture(2001, 9), 'brighter')
    images[40] = look(
      picture(1800).map((value) => value & 0xf0),
      'fewer greys',
    )
    expect(findDuplicates(images)).toEqual([
      { kind: 'exact', images: [7, 2500, 2900] },
      { kind: 'near', images: [40, 1799] },
      { kind: 'near', images: [100, 2000] },
    ])
  })

  it('are not found among plain images, which all look the same, unless their files are', () => {
    const flat = (grey: number, content: string) => ({
      ...look(new Uint8Array(24 * 27).fill(grey), content),
      plain: true,
    })
    expect(findDuplicates([flat(1, 'a'), flat(9, 'b'), null, flat(1, 'a')])).toEqual([
      { kind: 'exact', images: [0, 3] },
    ])
  })
})

describe('suspicious images', () => {
  const suspect = (pixels: Uint8Array, change: Partial<Suspect> = {}): Suspect => ({
    ...measurePixels(pixels, { height: 16, width: 16, channels: 1 }, 255),
    ...{ width: 16, height: 16, pixels: 256, scale: 255, warnings: [], ...change },
  })
  const usual = Array.from({ length: 9 }, (_, i) => suspect(bytes(256, i + 1)))

  it.each([
    ['constant', suspect(new Uint8Array(256).fill(77)), '77'],
    ['dark', suspect(bytes(256, 5).map((value) => value & 7)), '100 %'],
    ['bright', suspect(bytes(256, 5).map((value) => value | 248)), '100 %'],
    ['flat', suspect(bytes(256, 5).map((value) => 120 + (value & 1))), '0.50'],
    ['size', suspect(bytes(256, 5), { width: 160, height: 160 }), '160×160'],
    ['aspect', suspect(bytes(256, 5), { width: 32, height: 8 }), '32×8'],
    ['warning', suspect(bytes(256, 5), { warnings: ['corrupt data', 'corrupt data'] }), 'corrupt data'],
  ] as const)('%s', (suspicion, image, found) => {
    expect(findSuspicious([...usual, null, image])).toEqual([{ image: 10, suspicion, found }])
  })

  it('grey among colour', () => {
    const size = { height: 16, width: 16, channels: 3 }
    const colour = usual.map((image, i) => ({ ...image, ...measurePixels(bytes(768, i + 1), size, 255) }))
    expect(findSuspicious([...colour, usual[0]!])).toEqual([{ image: 9, suspicion: 'bands', found: '1' }])
  })

  it('values that are mostly not there; but dark values that are no picture are not judged', () => {
    const floats = Float32Array.from({ length: 256 }, (_, i) => (i < 200 ? NaN : i))
    const raster = measurePixels(floats, { height: 16, width: 16, channels: 1 }, null)
    const about = { width: 16, height: 16, pixels: 256, scale: null, warnings: [] }
    const small = measurePixels(
      Float32Array.from({ length: 256 }, (_, i) => i / 1e6),
      { height: 16, width: 16, channels: 1 },
      null,
    )
    expect(
      findSuspicious([
        { ...small, ...about },
        { ...raster, ...about },
      ]),
    ).toEqual([{ image: 1, suspicion: 'noData', found: '78 %' }])
  })

  it('nothing of nothing', () => {
    expect(findSuspicious([null])).toEqual([])
  })
})
