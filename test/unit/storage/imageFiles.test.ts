/** Files written by GDAL, Pillow and ImageMagick against what those programs read from them (`fixtures/images/writeImages.py`). */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { numbersOf, type ImageFacts, type StoredNumbers } from '#shared/data/imageFacts'
import { decodeImage, readImageFacts } from '../../../src-main/storage/decodeImage'
import { openTiff } from '../../../src-main/storage/readTiff'

const folder = join(import.meta.dirname, '../../fixtures/images')

/** What `writeImages.py` wrote down: values `[height, width, bands]`, null for not-a-number. */
interface Told {
  note: string
  numbers: StoredNumbers
  shape: readonly [number, number, number]
  names?: readonly (string | null)[]
  noData?: number | string | null
  epsg?: number | null
  transform?: readonly number[] | null
  values: readonly (number | null)[]
  /** 0 where a value is no data; null where the file names none. */
  valid?: readonly number[] | null
}

const told = JSON.parse(readFileSync(join(folder, 'images.json'), 'utf8')) as Record<string, Told>
const bytesOf = (name: string) => readFileSync(join(folder, name))

/** Decoded as it is: its own size, bands and number type. */
async function decodeAll(name: string): Promise<{ facts: ImageFacts; values: number[] }> {
  const facts = await readImageFacts(name, bytesOf(name))
  const { height, width, bands } = facts
  const target = { height, width, channels: bands, resize: 'stretch', numbers: numbersOf(facts) } as const
  return { facts, values: Array.from(await decodeImage(name, bytesOf(name), target)) }
}

test.each(Object.entries(told).filter(([name]) => !/jpg|avif|renamed/.test(name)))(
  '%s: every value is what the writing program reads',
  async (name, { numbers, shape, values, valid }) => {
    const { facts, values: found } = await decodeAll(name)
    expect([facts.height, facts.width, facts.bands]).toEqual(shape)
    expect(facts.numbers).toBe(numbers)
    const wanted = values.map((value, i) => (value === null || valid?.[i] === 0 ? NaN : value))
    expect(found).toEqual(numbers === 'float64' ? wanted.map(Math.fround) : wanted)
  },
)

test.each(Object.entries(told).filter(([name]) => /jpg|avif|renamed/.test(name)))(
  '%s: with loss, to within a few grey levels, the right way up',
  async (name, { shape, values }) => {
    const { facts, values: found } = await decodeAll(name)
    expect([facts.height, facts.width, facts.bands]).toEqual(shape)
    const difference = values.map((value, i) => Math.abs((value ?? NaN) - (found[i] ?? NaN)))
    // At the edge of two colours decoders sharpen and smooth colour differently.
    expect(difference.filter((one) => one <= 10).length / values.length).toBeGreaterThan(0.8)
    expect(difference.reduce((sum, one) => sum + one, 0) / values.length).toBeLessThan(8)
  },
)

describe('headers', () => {
  const facts = (name: string) => readImageFacts(name, bytesOf(name))

  test.each(Object.entries(told).filter(([, { epsg }]) => epsg !== undefined))(
    '%s: place, names and no data as GDAL tells them',
    async (name, { epsg, transform, names, noData }) => {
      const found = await facts(name)
      expect(found.geo?.epsg ?? null).toBe(epsg)
      // GDAL's Python order: per row a, b, origin.
      const [a, b, c, d, e, f] = transform ?? []
      expect(found.geo?.transform).toEqual(transform ? [c, a, b, f, d, e] : undefined)
      if (names?.every((one) => one !== null) && found.kind === 'raster') expect(found.names).toEqual(names)
      expect(found.noData).toEqual(noData === 'nan' ? NaN : noData)
    },
  )

  test('pictures are told from measured values', async () => {
    const kinds = async (...names: string[]) =>
      Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await facts(name)).kind])))
    const pictures = ['rgb8.png', 'grey16.png', 'rgb16.png', 'u8-rgb-geo.tif', 'grey8.bmp', 'cmyk.jpg']
    const rasters = ['u16-rgb-bigtiff.tif', 'u8-five-bands-zstd.tif', 'f64.tif', 'u16-sentinel.tif']
    expect(await kinds(...pictures)).toEqual(Object.fromEntries(pictures.map((name) => [name, 'picture'])))
    expect(await kinds(...rasters)).toEqual(Object.fromEntries(rasters.map((name) => [name, 'raster'])))
  })

  test('some bands only, in another order', async () => {
    const tiff = await openTiff(bytesOf('u16-sentinel.tif'))
    const { pixels, channels } = await tiff.read([12, 0])
    const all = told['u16-sentinel.tif']!
    expect(channels).toBe(2)
    expect([...pixels]).toEqual(
      all.values.flatMap((_, i) => (i % 13 === 0 ? [all.values[i + 12], all.values[i]] : [])),
    )
  })
})

describe('what number type an image may become', () => {
  const decode = (name: string, numbers: 'uint8' | 'uint16' | 'float32', channels: number) =>
    decodeImage(name, bytesOf(name), { height: 5, width: 7, channels, resize: 'stretch', numbers })

  test('a picture of 8 bits reaches full scale among 16, one of 16 bits loses its lower half among 8', async () => {
    const { values } = told['rgb8.png']!
    expect([...(await decode('rgb8.png', 'uint16', 3))]).toEqual(values.map((value) => value! * 257))
    const deep = told['grey16.png']!.values
    expect([...(await decode('grey16.png', 'uint8', 1))]).toEqual(deep.map((value) => value! >> 8))
    expect([...(await decode('grey16.png', 'float32', 1))]).toEqual(deep)
  })

  test('measured values are widened as they are and never narrowed', async () => {
    const { values } = told['u8-five-bands-zstd.tif']!
    expect([...(await decode('u8-five-bands-zstd.tif', 'uint16', 5))]).toEqual(values)
    await expect(decode('u16-planar-lzw.tif', 'uint8', 4)).rejects.toThrow(
      'it has uint16 numbers, while the images are read as uint8',
    )
    await expect(decode('i16-no-data.tif', 'uint16', 2)).rejects.toThrow('a value for no data (-32768)')
  })

  test('another number of bands is refused, but for grey and colour', async () => {
    await expect(decode('u16-planar-lzw.tif', 'uint16', 3)).rejects.toThrow('4 bands, the network asks for 3')
    await expect(decode('rgb8.png', 'uint8', 4)).rejects.toThrow('3 bands, the network asks for 4')
    const { values } = told['u16-rgb-bigtiff.tif']!
    const grey = await decode('u16-rgb-bigtiff.tif', 'uint16', 1)
    const luma = (i: number) => 0.299 * values[i]! + 0.587 * values[i + 1]! + 0.114 * values[i + 2]!
    grey.forEach((value, i) => expect(Math.abs(value - luma(i * 3))).toBeLessThanOrEqual(1))
  })
})

describe('sizes', () => {
  const fit = (name: string, resize: 'stretch' | 'crop' | 'pad', height: number, width: number) =>
    decodeImage(name, bytesOf(name), { height, width, channels: 2, resize, numbers: 'float32' })

  test('pixels without data count for nothing when an image is reduced, and bars are without data', async () => {
    const { values, valid } = told['f32-no-data.tif']!
    const reduced = await fit('f32-no-data.tif', 'stretch', 1, 1)
    for (const band of [0, 1]) {
      // A triangle over 7 × 5 pixels around the centre, divided by the weights of what is there.
      let sum = 0
      let weights = 0
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 7; x++) {
          const i = (y * 7 + x) * 2 + band
          const weight = (1 - Math.abs(x - 3) / 7) * (1 - Math.abs(y - 2) / 5)
          if (valid![i] === 0) continue
          sum += weight * values[i]!
          weights += weight
        }
      expect(reduced[band]! / (sum / weights)).toBeCloseTo(1, 6)
    }
    const padded = await fit('f32-differences.tif', 'pad', 7, 7)
    expect([...padded.subarray(0, 14)]).toEqual(Array.from({ length: 14 }, () => NaN))
    expect([...padded.subarray(14, 14 + 70)]).toEqual(told['f32-differences.tif']!.values)
    const cropped = await fit('f32-differences.tif', 'crop', 5, 5)
    expect([...cropped.subarray(0, 10)]).toEqual(told['f32-differences.tif']!.values.slice(2, 12))
  })
})

describe('bad files', () => {
  const reason = async (name: string, bytes = bytesOf(name)) => {
    const target = { height: 5, width: 7, channels: 13, resize: 'stretch', numbers: 'uint16' } as const
    return decodeImage(name, bytes, target).then(
      () => 'decoded',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    )
  }

  test('each has its reason', async () => {
    expect(await reason('truncated.tif')).toMatch(/^IMAGE_UNREADABLE.*truncated or damaged/)
    expect(await reason('text.tif')).toMatch(/^IMAGE_UNREADABLE.*content is not a PNG, JPEG/)
    expect(await reason('zero-byte.png')).toMatch(/^IMAGE_UNREADABLE.*empty \(0 bytes\)/)
    expect(await reason('u16.jp2')).toBe(
      'IMAGE_JPEG_2000: u16.jp2 cannot be read: it is JPEG 2000; convert it with: gdal_translate "u16.jp2" "u16.tif".',
    )
  })

  test.each(
    readdirSync(folder).filter((name) => name.endsWith('.tif') && told[name] && !/renamed/.test(name)),
  )('%s cut off anywhere is refused, not half read', async (name) => {
    const whole = bytesOf(name)
    const { shape } = told[name]!
    const { numbers } = await decodeAll(name).then(({ facts }) => ({ numbers: numbersOf(facts) }))
    const target = {
      height: shape[0],
      width: shape[1],
      channels: shape[2],
      resize: 'stretch',
      numbers,
    } as const
    const wanted = [...(await decodeImage(name, whole, target))]
    for (let share = 0.02; share < 1; share += 0.07) {
      const cut = whole.subarray(0, Math.floor(whole.length * share))
      const outcome = await decodeImage(name, Buffer.from(cut), target).then(
        (pixels) => [...pixels],
        (error: { code: string }) => error.code,
      )
      // What lies behind the pixels (overviews, metadata) may be missing without harm.
      if (typeof outcome !== 'string') expect(outcome, `${share}`).toEqual(wanted)
      else expect(outcome, `${share}`).toBe('IMAGE_UNREADABLE')
    }
  })
})
