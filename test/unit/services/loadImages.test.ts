import { truncateSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImageSet } from '#shared/engine/tensors'
import { newProject } from '#shared/project/newProject'
import type { SkippedFile } from '#shared/rpc/services'
import { summariseData } from '../../../src-main/services/summariseData'
import type { SplitSettings } from '../../../src-main/services/imageSplit'
import { openSource, requireTwoClasses } from '../../../src-main/services/imageSource'
import {
  loadLabelledImages,
  loadTrainingImages,
  usualPart,
  type LabelledPart,
  type LoadOptions,
} from '../../../src-main/services/loadImages'
import { noise, plain, put, temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { tiffFile } from '../storage/tiffFile'
import { classFolder } from './smallProjects'

const grey8 = { height: 8, width: 8, channels: 1, resize: 'stretch' } as const
const { data } = newProject()
type Arguments = Parameters<typeof loadTrainingImages>

/** Training images in memory. */
async function load(
  source: Arguments[0],
  target: Arguments[1],
  settings: Arguments[2],
  options: Partial<LoadOptions> = {},
) {
  const loaded = await loadTrainingImages(source, target, settings, 8, {
    images: testStore(),
    ...options,
  })
  if ('ring' in loaded.training || 'ring' in loaded.validation) throw new Error('they are not in memory')
  return { ...loaded, training: loaded.training, validation: loaded.validation }
}

async function labelled(
  ...[source, classes, target, part, split]: Parameters<typeof labelledOf>
): Promise<ImageSet> {
  const images = await labelledOf(source, classes, target, part, split)
  const parts: ImageSet[] = []
  for await (const part of images.parts()) parts.push(part)
  expect(parts).toHaveLength(1)
  return parts[0]!
}
const labelledOf = (
  source: Arguments[0],
  classes: readonly string[],
  target: Arguments[1],
  part: LabelledPart = usualPart(source, null),
  split: SplitSettings | null = null,
) => loadLabelledImages(source, classes, target, { images: testStore() }, part, split)

const code = (thrown: unknown) => (thrown as { code: string }).code

describe('a folder', () => {
  test('is split class by class; the labels stay with their images', async () => {
    const source = await openSource(await classFolder(temporaryFolder(), ['dark', 'light'], 10), '/')
    const { training, validation, classes, normalisation } = await load(source, grey8, data, {})
    expect(classes).toEqual(['dark', 'light'])
    expect([training.count, validation.count]).toEqual([16, 4])
    for (const part of [training, validation]) {
      expect(part.pixels.buffer).toBeInstanceOf(SharedArrayBuffer)
      part.labels.forEach((label, i) => {
        // The last pixel is beyond the specks: 64 for dark, 191 for light.
        expect(part.pixels[i * 64 + 63]).toBe(label === 0 ? 64 : 191)
      })
      expect(part.labels.filter((label) => label === 0)).toHaveLength(part.count / 2)
    }
    const values = Array.from(training.pixels, (byte) => byte / 255)
    expect(normalisation.mean[0]).toBeCloseTo(values.reduce((sum, v) => sum + v, 0) / values.length, 10)
  })

  test('an image that is left out is in no part, and no other changes its part', async () => {
    const folder = temporaryFolder()
    for (const [label, name] of ['a', 'b'].entries())
      for (let i = 0; i < 10; i++)
        put(
          folder,
          `root/${name}/${i}.png`,
          await plain(8, 8, [label * 100 + i, label * 100 + i, label * 100 + i])
            .png()
            .toBuffer(),
        )
    const valuesWithout = async (...excluded: string[]) => {
      const settings = { ...data, excluded }
      const source = await openSource(folder, '/', { data: settings })
      const { training, validation, counts } = await load(source, grey8, settings)
      const values = (set: ImageSet) => Array.from(set.labels, (_, i) => set.pixels[i * 64])
      const summary = await summariseData(source, null, settings, testStore().pool)
      return { training: values(training), validation: values(validation), counts, summary }
    }
    const all = await valuesWithout()
    expect([...all.training, ...all.validation].sort((a, b) => a! - b!)).toHaveLength(20)
    const without = await valuesWithout('root/a/3.png', 'root/b/7.png', 'root/b/none.png')
    const gone = (value: number | undefined) => value !== 3 && value !== 107
    expect(without.training).toEqual(all.training.filter(gone))
    expect(without.validation).toEqual(all.validation.filter(gone))
    expect(without.summary).toMatchObject({ images: 18, excluded: 2 })
    expect(without.summary.classes.map(({ count }) => count)).toEqual([9, 9])
  })

  test('bad images are skipped, listed, and the rest goes on', async () => {
    const folder = await classFolder(temporaryFolder(), ['a', 'b'], 6)
    put(folder, 'a/cut.jpg', (await noise(64, 64).jpeg().toBuffer()).subarray(0, 2000))
    put(folder, 'a/text.png', 'this is text')
    put(folder, 'b/zero.gif', '')
    put(folder, 'b/really-a-png.jpg', await plain(9, 9, [1, 2, 3]).png().toBuffer())
    const skipped: SkippedFile[] = []
    const source = await openSource(folder, '/')
    const { training, validation } = await load(source, grey8, data, {
      onSkipped: (file) => skipped.push(file),
    })
    expect(skipped.map(({ file }) => basename(file)).sort()).toEqual(['cut.jpg', 'text.png', 'zero.gif'])
    expect(skipped.find(({ file }) => file.endsWith('cut.jpg'))?.reason).toMatch(/truncated/)
    expect(training.count + validation.count).toBe(13)
  })

  test('a class without one good image, with only one, and classes that differ', async () => {
    const folder = await classFolder(temporaryFolder(), ['a', 'b'], 4)
    put(folder, 'c/x.png', 'no image')
    const loadFrom = async (path: string, validationSource: string | null = null) =>
      load(await openSource(path, '/', { data: { ...data, validationSource } }), grey8, data, {})
    expect(await loadFrom(folder).catch(code)).toBe('DATA_NO_USABLE_IMAGE')
    const single = await classFolder(temporaryFolder(), ['a', 'b'], 4)
    put(single, 'c/x.png', await plain(4, 4, [9, 9, 9]).png().toBuffer())
    expect(await loadFrom(single).catch(code)).toBe('DATA_TOO_LITTLE')
    const other = await classFolder(temporaryFolder(), ['a', 'z'], 2)
    expect(await loadFrom(await classFolder(temporaryFolder(), ['a', 'b'], 3), other).catch(code)).toBe(
      'DATA_CLASSES_DIFFER',
    )
  })

  test('a validation folder of its own leaves all of the data to train on', async () => {
    const own = await classFolder(temporaryFolder(), ['a', 'b'], 3)
    put(own, 'a/zero.png', '')
    const settings = { ...data, validationSource: own, testSplit: 0.2 }
    const folder = await classFolder(temporaryFolder(), ['a', 'b'], 5)
    const source = await openSource(folder, '/', { data: settings })
    const skipped: SkippedFile[] = []
    const { training, validation, split } = await load(source, grey8, settings, {
      onSkipped: (file) => skipped.push(file),
    })
    expect([training.count, validation.count]).toEqual([8, 6])
    expect(split).toMatchObject({
      counts: { training: 8, validation: 6, test: 2 },
      validationSource: own,
      seed: 1,
    })
    expect(skipped.map(({ file }) => basename(file))).toEqual(['zero.png'])
    const summary = await summariseData(source, null, settings, testStore().pool)
    expect(summary.split.classes).toEqual([
      { training: 4, validation: 3, test: 1 },
      { training: 4, validation: 3, test: 1 },
    ])
    expect(summary.skipped.map(({ file }) => basename(file))).toEqual(['zero.png'])
  })

  test('a validation folder lacks a class, which is told; or holds other bands, which is refused', async () => {
    const folder = await classFolder(temporaryFolder(), ['a', 'b'], 5)
    const summaryWith = async (validationSource: string) => {
      const settings = { ...data, validationSource }
      const source = await openSource(folder, '/', { data: settings })
      return summariseData(source, null, settings, testStore().pool)
    }
    const { split } = await summaryWith(await classFolder(temporaryFolder(), ['b'], 2))
    expect(split.notes).toEqual([{ kind: 'notValidated', count: 1, examples: ['a'] }])
    const rasters = temporaryFolder()
    const pixels = new Uint16Array(8 * 8 * 5)
    for (const name of ['a', 'b']) put(rasters, `${name}/x.tif`, tiffFile({ height: 8, width: 8, pixels }))
    const refused = await summaryWith(rasters).catch((thrown: Error) => thrown)
    expect(refused).toMatchObject({ code: 'DATA_VALIDATION_DIFFERS' })
    expect((refused as Error).message).toMatch(
      /hold 5 bands of uint16 .*3 bands of uint8 \(red, green, blue\)/,
    )
  })

  test('a test part is touched by evaluation only', async () => {
    const source = await openSource(await classFolder(temporaryFolder(), ['a', 'b'], 10), '/')
    const split = { ...data, testSplit: 0.3 }
    const { training, validation } = await load(source, grey8, split, {})
    expect([training.count, validation.count]).toEqual([10, 4])
    expect((await labelled(source, ['a', 'b'], grey8, 'test', split)).count).toBe(6)
    expect((await labelled(source, ['a', 'b'], grey8)).count).toBe(20)
  })

  test('the validation part that is evaluated is the one that was held out, image by image', async () => {
    const source = await openSource(await classFolder(temporaryFolder(), ['a', 'b', 'c'], 11), '/')
    const split = { ...data, validationSplit: 0.3, testSplit: 0.2, splitSeed: 7 }
    const { validation } = await load(source, grey8, split, {})
    const again = await labelled(source, ['a', 'b', 'c'], grey8, 'validation', split)
    expect(again.count).toBe(9)
    expect([...again.labels]).toEqual([...validation.labels])
    expect([...again.pixels]).toEqual([...validation.pixels])
    const { positions } = await labelledOf(source, ['a', 'b', 'c'], grey8, 'test', split)
    expect(new Set(positions).size).toBe(6)
  })

  test('labels count in the model’s classes, also when the folder has fewer', async () => {
    const folder = temporaryFolder()
    put(folder, 'only/x.png', await plain(4, 4, [9, 9, 9]).png().toBuffer())
    const images = await labelled(await openSource(folder, '/'), ['a', 'b', 'only'], grey8)
    expect([...images.labels]).toEqual([2])
  })

  test('loading can be cancelled', async () => {
    const source = await openSource(await classFolder(temporaryFolder(), ['a', 'b'], 30), '/')
    const abort = new AbortController()
    const loading = load(source, grey8, data, {
      signal: abort.signal,
      onProgress: (done) => done === 5 && abort.abort(new Error('enough')),
    })
    await expect(loading).rejects.toThrow('enough')
  })
})

describe('what a source is', () => {
  test('one class is not enough; nothing chosen; unknown sample', async () => {
    const folder = await classFolder(temporaryFolder(), ['only'], 3)
    const source = await openSource(folder, '/')
    expect(() => requireTwoClasses(source)).toThrow(/only one class \(only\)/)
    expect(await openSource(null, '/').catch(code)).toBe('DATA_NOT_CHOSEN')
    expect(await openSource('sample:letters', '/').catch(code)).toBe('ARGUMENT_INVALID')
  })

  test('relative sources belong to the project’s folder; the summary reads one header', async () => {
    const base = temporaryFolder()
    await classFolder(join(base, 'data'), ['a', 'b'], 3)
    truncateSync(put(base, 'data/a/000.png', 'xx'), 0)
    const summary = await summariseData(await openSource('data', base), null, data, testStore().pool)
    expect(summary).toMatchObject({ images: 5, bands: 3, colour: true, size: [12, 12] })
    expect(summary.classes).toEqual([
      { name: 'a', count: 2 },
      { name: 'b', count: 3 },
    ])
    expect(summary.skipped).toHaveLength(1)
  })
})

describe('the digits', () => {
  test('8,000 and 2,000, as they are at 28×28×1', async () => {
    const source = await openSource('sample:digits', '/')
    const target = { height: 28, width: 28, channels: 1, resize: 'stretch' } as const
    const { training, validation, normalisation } = await load(source, target, data, {})
    expect([training.count, validation.count]).toEqual([8000, 2000])
    expect(normalisation.mean[0]).toBeCloseTo(0.13, 2)
    expect(normalisation.std[0]).toBeCloseTo(0.31, 2)
    expect(
      (
        await labelled(
          source,
          source.classes.map(({ name }) => name),
          target,
        )
      ).count,
    ).toBe(2000)
  })

  test('at another size and with three channels', async () => {
    const source = await openSource('sample:digits', '/')
    const target = { height: 14, width: 14, channels: 3, resize: 'stretch' } as const
    const { training, normalisation } = await load(source, target, data, {})
    expect(training.pixels).toHaveLength(8000 * 14 * 14 * 3)
    expect(normalisation.mean[0]).toBe(normalisation.mean[2])
    expect(normalisation.mean[0]).toBeCloseTo(0.13, 2)
  })
})
