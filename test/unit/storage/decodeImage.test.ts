import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import * as decoding from '../../../src-main/storage/decodeImage'
import { grey601 } from '../../../src-main/storage/fitPixels'
import { bmp, halves, noise, plain } from './testImages'

const { readImageFacts } = decoding

/** Bytes, as all targets here ask for. */
const decodeImage = async (...args: Parameters<typeof decoding.decodeImage>) =>
  (await decoding.decodeImage(...args)) as Uint8Array

const colour = (height: number, width: number, resize: 'stretch' | 'crop' | 'pad' = 'stretch') =>
  ({ height, width, channels: 3, resize }) as const
const grey = (height: number, width: number) => ({ height, width, channels: 1, resize: 'stretch' }) as const

const red = [255, 0, 0] as const
const blue = [0, 0, 255] as const

/** The pixel at row y, column x. */
function pixel(pixels: Uint8Array, width: number, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
}

describe('formats', () => {
  test.each(['png', 'webp', 'tiff', 'gif'] as const)('%s gives its exact pixels', async (format) => {
    const options = { webp: { lossless: true }, tiff: { compression: 'lzw' as const } }
    const bytes = await halves(8, 4, red, blue)
      .toFormat(format, format in options ? options[format as keyof typeof options] : {})
      .toBuffer()
    const pixels = await decodeImage('x', bytes, colour(4, 8))
    expect(pixel(pixels, 8, 0, 0)).toEqual([...red])
    expect(pixel(pixels, 8, 7, 3)).toEqual([...blue])
  })

  test('JPEG gives its pixels to within its own loss', async () => {
    const bytes = await plain(16, 16, [200, 100, 50]).jpeg({ quality: 95 }).toBuffer()
    const [r, g, b] = await decodeImage('x', bytes, colour(16, 16))
    expect(Math.abs((r ?? 0) - 200)).toBeLessThanOrEqual(3)
    expect(Math.abs((g ?? 0) - 100)).toBeLessThanOrEqual(3)
    expect(Math.abs((b ?? 0) - 50)).toBeLessThanOrEqual(3)
  })

  test('of an animated GIF the first frame counts', async () => {
    const frames = await Promise.all([red, blue].map((one) => plain(6, 6, one).png().toBuffer()))
    const bytes = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    expect((await sharp(bytes).metadata()).pages).toBe(2)
    expect(pixel(await decodeImage('x', bytes, colour(6, 6)), 6, 3, 3)).toEqual([...red])
  })

  const quarters = (width: number, height: number) => (x: number, y: number) =>
    x < width / 2 ? (y < height / 2 ? red : blue) : ([0, 255, 0] as const)

  test.each([
    [24, 7, 5],
    [32, 5, 3],
    [8, 7, 5],
    [4, 8, 5],
    [1, 11, 3],
  ] as const)('BMP with %i bits a pixel, %i×%i', async (bits, width, height) => {
    const palette = bits > 8 ? [] : bits === 1 ? [red, blue] : [red, blue, [0, 255, 0] as const]
    const of = bits === 1 ? (x: number) => (x < 6 ? red : blue) : quarters(width, height)
    const pixels = await decodeImage('x.bmp', bmp(width, height, bits, of, palette), colour(height, width))
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) expect(pixel(pixels, width, x, y), `${x},${y}`).toEqual([...of(x, y)])
    }
  })

  test('a gap before the pixels of a BMP is skipped', async () => {
    const bytes = bmp(4, 4, 24, quarters(4, 4))
    const spaced = Buffer.concat([bytes.subarray(0, 54), Buffer.alloc(10, 0xaa), bytes.subarray(54)])
    spaced.writeUInt32LE(64, 10)
    const pixels = await decodeImage('x', spaced, colour(4, 4))
    expect([...pixels]).toEqual([...(await decodeImage('x', bytes, colour(4, 4)))])
  })
})

describe('what pixels mean', () => {
  test('EXIF orientation is applied', async () => {
    const bytes = await halves(8, 4, red, blue).withMetadata({ orientation: 6 }).png().toBuffer()
    expect(await readImageFacts('x', bytes)).toMatchObject({ height: 8, width: 4, bands: 3 })
    const pixels = await decodeImage('x', bytes, colour(8, 4))
    // Orientation 6: turn clockwise, so the left half comes to the top.
    expect(pixel(pixels, 4, 1, 0)).toEqual([...red])
    expect(pixel(pixels, 4, 1, 7)).toEqual([...blue])
  })

  test('alpha lies over black', async () => {
    const bytes = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 200, g: 100, b: 40, alpha: 0.5 } },
    })
      .png()
      .toBuffer()
    const [r, g, b] = await decodeImage('x', bytes, colour(4, 4))
    expect([r, g, b].map((n, i) => Math.abs((n ?? 0) - ([100, 50, 20][i] ?? 0)) <= 1)).toEqual([
      true,
      true,
      true,
    ])
    expect((await readImageFacts('x', bytes)).bands).toBe(3)
  })

  test('16 bits become their upper 8', async () => {
    const values = [0, 255, 256, 0x7fff, 0x8000, 0xffff]
    const raw = Uint16Array.from(values.flatMap((v) => [v, v, v]))
    const bytes = await sharp(raw, { raw: { width: values.length, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await sharp(bytes).metadata()).depth).toBe('ushort')
    const pixels = await decodeImage('x', bytes, colour(1, values.length))
    expect(values.map((_, i) => pixels[i * 3])).toEqual([0, 0, 1, 127, 128, 255])
  })

  test('16-bit grey too', async () => {
    const values = [0, 0x4000, 0xffff]
    const bytes = await sharp(Uint16Array.from(values), { raw: { width: 3, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer()
    expect([...(await decodeImage('x', bytes, grey(1, 3)))]).toEqual([0, 64, 255])
  })

  test('grey is ITU-R 601 of the stored values, not linear light', async () => {
    const bytes = await sharp(Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]), {
      raw: { width: 4, height: 1, channels: 3 },
    })
      .png()
      .toBuffer()
    // 0.299 · 255, 0.587 · 255, 0.114 · 255, and 0.299·10 + 0.587·20 + 0.114·30.
    expect([...(await decodeImage('x', bytes, grey(1, 4)))]).toEqual([76, 150, 29, 18])
    expect(grey601(255, 255, 255)).toBe(255)
  })

  test('grey files keep their values in one channel and in three', async () => {
    const bytes = await sharp(Uint8Array.from([0, 77, 255]), { raw: { width: 3, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer()
    expect([...(await decodeImage('x', bytes, grey(1, 3)))]).toEqual([0, 77, 255])
    expect([...(await decodeImage('x', bytes, colour(1, 3)))]).toEqual([0, 0, 0, 77, 77, 77, 255, 255, 255])
    expect((await readImageFacts('x', bytes)).bands).toBe(1)
  })

  test('CMYK JPEG and palette PNG become red, green, blue', async () => {
    const cmyk = await plain(8, 8, [250, 250, 250]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk')
    const pixels = await decodeImage('x', cmyk, colour(8, 8))
    expect(pixels.length).toBe(8 * 8 * 3)
    expect(Math.min(...pixels)).toBeGreaterThan(235)
    expect((await readImageFacts('x', cmyk)).bands).toBe(3)
    const palette = await halves(8, 8, red, blue).png({ palette: true }).toBuffer()
    expect(pixel(await decodeImage('x', palette, colour(8, 8)), 8, 0, 0)).toEqual([...red])
  })
})

describe('size', () => {
  test('stretch distorts, crop keeps the centre, pad adds black', async () => {
    const bytes = await halves(40, 20, red, blue).png().toBuffer()
    const stretched = await decodeImage('x', bytes, colour(10, 10, 'stretch'))
    expect(pixel(stretched, 10, 0, 0)).toEqual([...red])
    expect(pixel(stretched, 10, 9, 9)).toEqual([...blue])
    const padded = await decodeImage('x', bytes, colour(10, 10, 'pad'))
    expect(pixel(padded, 10, 5, 0)).toEqual([0, 0, 0])
    expect(pixel(padded, 10, 0, 5)).toEqual([...red])
    const wide = await sharp(await halves(40, 20, red, red).png().toBuffer())
      .extend({ left: 10, right: 10, background: '#0000ff' })
      .png()
      .toBuffer()
    const cropped = await decodeImage('x', wide, colour(20, 20, 'crop'))
    expect(pixel(cropped, 20, 0, 10)).toEqual([...red])
    expect(pixel(cropped, 20, 19, 10)).toEqual([...red])
  })

  test('enlarging interpolates between pixel centres, as Pillow does', async () => {
    const ramp = Uint8Array.from([0, 85, 170, 255])
    const bytes = await sharp(ramp, { raw: { width: 4, height: 1, channels: 1 } })
      .png()
      .toBuffer()
    // Pillow 9.4: Image.resize((8, 1), BILINEAR).
    expect([...(await decodeImage('x', bytes, grey(1, 8)))]).toEqual([0, 21, 64, 106, 149, 191, 234, 255])
    const fifths = await decodeImage('x', bytes, grey(1, 5))
    // Exact values 0, 59.5, 127.5, 195.5, 255: which way a half goes is left open.
    ;[0, 59.5, 127.5, 195.5, 255].forEach((n, i) =>
      expect(Math.abs((fifths[i] ?? -9) - n)).toBeLessThanOrEqual(0.5),
    )
    // Wider and lower at once: one way is reduced, the other enlarged.
    expect(await decodeImage('x', await noise(8, 32).png().toBuffer(), colour(16, 20))).toHaveLength(
      16 * 20 * 3,
    )
  })

  test('reducing by a whole factor is a triangle-weighted mean, so noise becomes calm', async () => {
    const bytes = await noise(64, 64).png().toBuffer()
    const pixels = await decodeImage('x', bytes, colour(8, 8))
    const mean = pixels.reduce((sum, n) => sum + n, 0) / pixels.length
    const deviation = Math.sqrt(pixels.reduce((sum, n) => sum + (n - mean) ** 2, 0) / pixels.length)
    expect(mean).toBeGreaterThan(118)
    expect(mean).toBeLessThan(138)
    // Uniform noise has a deviation of 74; the mean over a 16×16 triangle leaves about 74 · (1.33 / 16) ≈ 6.
    expect(deviation).toBeLessThan(12)
  })
})

describe('what is no image', () => {
  const reason = async (bytes: Buffer) =>
    decodeImage('a.png', bytes, colour(8, 8)).then(
      () => 'decoded',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    )

  test.each(['jpeg', 'png', 'webp', 'tiff', 'gif'] as const)('a truncated %s is refused', async (format) => {
    const whole = await noise(64, 64).toFormat(format).toBuffer()
    expect(await reason(whole)).toBe('decoded')
    for (const share of [0.3, 0.6, 0.95]) {
      expect(await reason(whole.subarray(0, Math.floor(whole.length * share))), `${share}`).toMatch(
        /^IMAGE_UNREADABLE/,
      )
    }
  })

  test('a truncated BMP, text, nothing at all, SVG', async () => {
    expect(await reason(bmp(16, 16, 24, () => red).subarray(0, 400))).toMatch(/truncated/)
    expect(await reason(Buffer.from('this is not a picture, whatever it is called'))).toMatch(
      /content is not a PNG/,
    )
    expect(await reason(Buffer.alloc(0))).toMatch(/empty/)
    expect(
      await reason(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
    ).toMatch(/content is not/)
  })

  test('a header that claims a gigantic size is refused before it is decoded', async () => {
    const huge = bmp(4, 4, 24, () => red)
    huge.writeInt32LE(100_000, 18)
    huge.writeInt32LE(100_000, 22)
    expect(await reason(huge)).toMatch(/more than/)
  })
})
