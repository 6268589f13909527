/** Surveys of real files, with real decoder processes and a real cache folder. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { sumUp, surveyFiles } from '../../../src-main/services/surveySource'
import type { ImageStore } from '../../../src-main/storage/gatherImages'
import { usualDisplay, type DisplaySettings } from '#shared/data/displayBands'
import { composite } from '../../../src-main/storage/bandPicture'
import { halves, noise, plain, put, temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'

/** Beside the repository, or beside the folder its work trees are in. */
const realFolder = ['../../../..', '../../../../..']
  .map((way) => join(import.meta.dirname, way, 'shared/data/rsscn7-small'))
  .find((folder) => existsSync(folder))

/** A survey of files whose class is their first folder; those named `v…` are held out. */
async function survey(store: ImageStore, folder: string, files: readonly string[]) {
  const classes = [...new Set(files.map((file) => file.split('/')[0]))]
  const found = await surveyFiles(store, folder, files)
  return sumUp(
    found,
    {
      labels: files.map((file) => classes.indexOf(file.split('/')[0])),
      trained: files.map((file) => !/\/v/.test(file)),
    },
    1,
  )
}

const settle = (folder: string, files: readonly string[]) => {
  for (const file of files) utimesSync(join(folder, file), new Date(2020, 1, 1), new Date(2020, 1, 1))
}

describe('planted among noise', () => {
  it('duplicates, conflicts, leaks, plain images and files that cannot be read are found', async () => {
    const folder = temporaryFolder()
    const files: string[] = []
    const add = (file: string, content: Uint8Array) => {
      put(folder, file, content)
      files.push(file)
    }
    for (let i = 0; i < 6; i++)
      add(
        `a/${i}.png`,
        await noise(64, 64, i + 1)
          .png()
          .toBuffer(),
      )
    const twice = readFileSync(join(folder, 'a/2.png'))
    add('a/v2.png', twice)
    add('b/other.png', twice)
    add('b/like3.jpg', await sharp(join(folder, 'a/3.png')).jpeg({ quality: 60 }).toBuffer())
    add('b/grey.png', await plain(64, 64, [90, 90, 90]).png().toBuffer())
    add('b/empty.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]))
    add('b/wide.png', await noise(640, 20, 9).png().toBuffer())
    const found = await survey(testStore(), folder, files)
    expect(found.duplicates).toEqual([
      { kind: 'exact', images: [2, 6, 7], conflict: true, leak: true },
      { kind: 'near', images: [3, 8], conflict: true, leak: false },
    ])
    expect(found.suspicious).toEqual([
      { image: 9, suspicion: 'constant', found: '90, 90, 90' },
      { image: 11, suspicion: 'aspect', found: '640×20' },
    ])
    expect(found.unreadable).toEqual([
      expect.objectContaining({ image: 10, reason: expect.stringMatching(/truncated|damaged/) as string }),
    ])
    expect(found.images).toBe(12)
    expect(found.reduced).toBe(1)
    expect(found.sizes[0]).toEqual({ width: 64, height: 64, count: 10 })
    expect(found.bands.map(({ name }) => name)).toEqual(['red', 'green', 'blue'])
  })
})

describe('images of any number of bands', () => {
  const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'images')

  it('are measured in their own values, under the names that the files give', async () => {
    const folder = temporaryFolder()
    const files = ['a/1.tif', 'b/2.tif']
    for (const file of files) put(folder, file, readFileSync(join(fixtures, 'u16-sentinel.tif')))
    const found = await survey(testStore(), folder, files)
    expect(found.unreadable).toEqual([])
    expect(found.bands.length).toBeGreaterThan(3)
    expect(found.bands.every(({ histogram }) => histogram.to > 256)).toBe(true)
    expect(found.bands.map(({ name }) => name)).toContain('B08')
    expect(found.duplicates).toMatchObject([{ kind: 'exact', conflict: true }])
  })

  it('are drawn with the bands asked for, each from its 2nd to its 98th percentile', async () => {
    const { pool } = testStore()
    const file = join(fixtures, 'u16-sentinel.tif')
    const thumbnail = async (display: string[]) => {
      const settings = { ...usualDisplay, display }
      const drawn = await pool.thumbnail(file, { side: 64, display: settings, format: 'webp' })
      expect(drawn.bands).toBeGreaterThan(3)
      return sharp(drawn.image).removeAlpha().raw().toBuffer()
    }
    const one = await thumbnail(['B04', 'B03', 'B02'])
    const other = await thumbnail(['B02', 'B03', 'B04'])
    const swapped = Uint8Array.from(one, (_, i) => one[i - (i % 3) + (2 - (i % 3))]!)
    expect(Buffer.from(swapped).equals(other)).toBe(true)
    expect(Math.min(...one)).toBe(0)
    expect(Math.max(...one)).toBe(255)
  })

  it('show one band as grey, a computed one too, and pictures as they are unless bands of theirs are chosen', async () => {
    const { pool } = testStore()
    const draw = async (name: string, settings: Partial<DisplaySettings>) => {
      const display = { ...usualDisplay, ...settings }
      const { image } = await pool.thumbnail(join(fixtures, name), { side: 64, display, format: 'png' })
      const rgb = await sharp(image).removeAlpha().toColourspace('srgb').raw().toBuffer()
      const grey = rgb.every((value, i) => value === rgb[i - (i % 3)])
      return { grey, pixels: await sharp(image).toColourspace('b-w').raw().toBuffer() }
    }
    const indices = [{ name: 'twice', formula: '2 * B08' }]
    const plain = await draw('u16-sentinel.tif', { display: ['B08'] })
    const twice = await draw('u16-sentinel.tif', { display: ['twice'], indices })
    expect([plain.grey, twice.grey]).toEqual([true, true])
    expect(twice.pixels.equals(plain.pixels)).toBe(true)
    const inverse = await draw('u16-sentinel.tif', {
      display: ['minus'],
      indices: [{ name: 'minus', formula: '-B08' }],
    })
    expect(inverse.pixels.every((value, i) => Math.abs(255 - value - plain.pixels[i]!) <= 1)).toBe(true)

    const photo = await draw('rgb8.png', {})
    const whole = await sharp(join(fixtures, 'rgb8.png')).toColourspace('b-w').raw().toBuffer()
    expect(photo.pixels.equals(whole)).toBe(true)
    // Bands of other images are not those of this one.
    expect((await draw('rgb8.png', { display: ['B08'] })).pixels.equals(whole)).toBe(true)
    expect([photo.grey, (await draw('rgb8.png', { display: ['red'] })).grey]).toEqual([false, true])
  })

  it('lose no contrast to outliers, and are black where there is nothing', () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => i)
    values[0] = -1e9
    values[99] = 1e9
    values[50] = NaN
    const bytes = composite(values, 1)
    expect([bytes[0], bytes[50], bytes[99]]).toEqual([0, 0, 255])
    expect(bytes[51]! - bytes[49]!).toBeGreaterThanOrEqual(4)
  })
})

describe('files that decoders complain of', () => {
  it('are read, and listed with the complaint', async () => {
    const folder = temporaryFolder()
    const files = ['a/sound.jpg', 'a/odd.jpg', 'b/sound.png', 'b/sound2.png']
    const jpeg = await noise(64, 64, 1).jpeg().toBuffer()
    put(folder, files[0]!, await noise(64, 64, 2).jpeg().toBuffer())
    // Three bytes that belong to nothing, after the first segment.
    put(folder, files[1]!, Buffer.concat([jpeg.subarray(0, 20), Buffer.from([0, 0, 0]), jpeg.subarray(20)]))
    for (const [i, file] of files.slice(2).entries())
      put(
        folder,
        file,
        await noise(64, 64, 3 + i)
          .png()
          .toBuffer(),
      )
    const found = await survey(testStore(), folder, files)
    expect(found.unreadable).toEqual([])
    expect(found.suspicious).toEqual([
      {
        image: 1,
        suspicion: 'warning',
        found: expect.stringMatching(/^Corrupt JPEG data: 3 extraneous bytes/) as string,
      },
    ])
    expect(found.bands[0]?.valid).toBe(1)
  })
})

describe('a second survey', () => {
  it('opens no file that did not change, looks at what did, and answers the same', async () => {
    const folder = temporaryFolder()
    const files = ['a/0.png', 'a/1.png', 'b/2.png', 'b/3.png']
    for (const [i, file] of files.entries())
      put(
        folder,
        file,
        await noise(20, 20, i + 1)
          .png()
          .toBuffer(),
      )
    settle(folder, files)
    // The time of the file's own change is now, and cannot be set: it has to pass.
    await new Promise((resolve) => setTimeout(resolve, 2100))
    const store = testStore()
    const first = await survey(store, folder, files)
    expect(first.known).toBe(0)
    const second = await survey(store, folder, files)
    expect(second).toEqual({ ...first, known: 4 })
    put(folder, 'b/3.png', await halves(20, 20, [0, 0, 0], [250, 250, 250]).png().toBuffer())
    const third = await survey(store, folder, files)
    expect(third.known).toBe(3)
    expect(third.bands[0]!.mean).not.toBe(first.bands[0]!.mean)
    await store.cache.clear()
    expect((await survey(store, folder, files)).known).toBe(0)
  })

  it('that is called off keeps what it had, and a cache that may hold nothing keeps nothing', async () => {
    const folder = temporaryFolder()
    const files = Array.from({ length: 60 }, (_, i) => `a/${i}.png`)
    const image = await noise(200, 200).png().toBuffer()
    for (const file of files) put(folder, file, image)
    settle(folder, files)
    await new Promise((resolve) => setTimeout(resolve, 2100))
    const store = testStore()
    const stop = new AbortController()
    const onProgress = (done: number) => done === 20 && stop.abort()
    await expect(surveyFiles(store, folder, files, { onProgress, signal: stop.signal })).rejects.toThrow()
    const again = await surveyFiles(store, folder, files)
    expect(again.known).toBeGreaterThanOrEqual(20)
    expect(again.known).toBeLessThan(60)
    const none = testStore({ limit: 0 })
    await surveyFiles(none, folder, files)
    expect((await surveyFiles(none, folder, files)).known).toBe(0)
  })
})

describe.skipIf(realFolder === undefined)(
  'real photographs (../shared/data/rsscn7-small, where it is)',
  () => {
    const real = realFolder ?? ''
    it('have no duplicates and nothing suspicious; a re-encoded, a smaller and a moved one are found', async () => {
      const folder = temporaryFolder()
      const files: string[] = []
      for (const name of readdirSync(real).sort()) {
        mkdirSync(join(folder, name))
        for (const file of readdirSync(join(real, name)).sort().slice(0, 12)) {
          copyFileSync(join(real, name, file), join(folder, name, file))
          files.push(`${name}/${file}`)
        }
      }
      const store = testStore()
      const clean = await survey(store, folder, files)
      expect(clean.duplicates).toEqual([])
      expect(clean.suspicious).toEqual([])
      const of = (i: number) => join(folder, files[i]!)
      const planted = [
        ['zReencoded/a.jpg', await sharp(of(3)).jpeg({ quality: 30 }).toBuffer()],
        ['zSmaller/a.png', await sharp(of(20)).resize(150).png().toBuffer()],
        ['zMoved/a.jpg', readFileSync(of(40))],
      ] as const
      for (const [file, content] of planted) put(folder, file, content)
      const all = [...files, ...planted.map(([file]) => file)]
      const found = await survey(store, folder, all)
      expect(found.duplicates).toEqual([
        { kind: 'near', images: [3, files.length], conflict: true, leak: false },
        { kind: 'near', images: [20, files.length + 1], conflict: true, leak: false },
        { kind: 'exact', images: [40, files.length + 2], conflict: true, leak: false },
      ])
    })
  },
)
