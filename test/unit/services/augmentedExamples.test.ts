/** What the window shows of augmentation is what the engine's reference makes of real images. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { dataSchema } from '#shared/project/schema'
import { augmentationSchema } from '#shared/training/augmentation'
import { AugmentedExamples } from '../../../src-main/services/augmentedExamples'
import { EngineClient } from '../../../src-main/services/engineClient'
import { openSource } from '../../../src-main/services/imageSource'
import { createImageStore } from '../../../src-main/storage/imageStore'
import { put, temporaryFolder } from '../storage/testImages'

const engine = new EngineClient()
const { pool } = createImageStore()
const examples = new AugmentedExamples(engine, pool)
afterAll(async () => {
  pool.dispose()
  await engine.dispose()
})

async function digit(some: Parameters<typeof augmentationSchema.parse>[0], round: number) {
  const source = await openSource('sample:digits', '.')
  const asked = { augmentation: augmentationSchema.parse(some), seed: 1, round, variants: 12 }
  const target = { height: 28, width: 28, channels: 1 }
  const data = dataSchema.parse({ source: 'sample:digits' })
  const { className, original, variants } = await examples.show(source, data, { ...asked, target })
  const pixelsOf = (png: Uint8Array): Promise<Buffer> => sharp(png).toColourspace('b-w').raw().toBuffer()
  return {
    className,
    original: await pixelsOf(original),
    variants: await Promise.all(variants.map(pixelsOf)),
  }
}

test('without augmentation every variant is the image itself; with a flip it or its mirror image', async () => {
  const plain = await digit({}, 3)
  expect(plain.className).toBe('3')
  for (const variant of plain.variants) expect(variant.equals(plain.original)).toBe(true)
  const flipped = await digit({ flipHorizontal: true }, 3)
  const mirror = Buffer.from(plain.original.map((_, i) => plain.original[i - (i % 28) + 27 - (i % 28)]!))
  const mirrored = flipped.variants.filter((variant) => variant.equals(mirror)).length
  const same = flipped.variants.filter((variant) => variant.equals(plain.original)).length
  expect(mirrored + same).toBe(12)
  expect(Math.min(mirrored, same)).toBeGreaterThan(0)
})

test('of many bands those are seen that the project shows, where the network gets them', async () => {
  const folder = temporaryFolder()
  const tiff = readFileSync(join(import.meta.dirname, '../../fixtures/images/u16-sentinel.tif'))
  for (const name of ['a/1.tif', 'b/2.tif']) put(folder, name, tiff)
  const channelsOf = async (some: Parameters<typeof dataSchema.parse>[0]) => {
    const data = dataSchema.parse({ source: folder, ...(some as object) })
    const source = await openSource(folder, '.', { data })
    const channels = data.bands?.length ?? 13
    const target = { height: 16, width: 16, channels }
    const augmentation = augmentationSchema.parse({})
    const asked = { augmentation, seed: 1, round: 0, variants: 1, target }
    const { original, variants } = await examples.show(source, data, asked)
    expect(await sharp(variants[0]).raw().toBuffer()).toEqual(await sharp(original).raw().toBuffer())
    const { data: bytes, info } = await sharp(original).raw().toBuffer({ resolveWithObject: true })
    return Array.from({ length: info.channels }, (_, band) =>
      bytes.filter((_, i) => i % info.channels === band),
    )
  }
  const usual = await channelsOf({})
  const turned = await channelsOf({ display: ['B02', 'B03', 'B04'] })
  expect(turned).toEqual([usual[2], usual[1], usual[0]])
  expect(await channelsOf({ display: ['B04'] })).toEqual([usual[0], usual[0], usual[0]])
  // Without B04 the network's own bands are seen.
  const few = await channelsOf({ display: ['B04'], bands: ['B02', 'B03'] })
  expect(few).toEqual([usual[2], usual[2], usual[2]])
})
