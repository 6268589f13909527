/** What the window shows of augmentation is what the engine's reference makes of real images. */
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { dataSchema } from '#shared/project/schema'
import { augmentationSchema } from '#shared/training/augmentation'
import { AugmentedExamples } from '../../../src-main/services/augmentedExamples'
import { EngineClient } from '../../../src-main/services/engineClient'
import { openSource } from '../../../src-main/services/imageSource'
import { createImageStore } from '../../../src-main/storage/imageStore'

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
