/** Headers read from the beginning of a file are those of the whole file, and of a large file no more is read. */
import { readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { readImageFacts } from '../../../src-main/storage/decodeImage'
import { readImageHeader } from '../../../src-main/storage/imageHeader'
import { bmp, noise, put, temporaryFolder } from './testImages'

const fixtures = join(import.meta.dirname, '../../fixtures/images')

test.each(readdirSync(fixtures).filter((name) => !/\.(py|json)$/.test(name)))(
  '%s: as the whole file says',
  async (name) => {
    const file = join(fixtures, name)
    const problem = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown))
    const whole = await readImageFacts(file, readFileSync(file)).catch(problem)
    expect(await readImageHeader(file).catch(problem)).toEqual(whole)
  },
)

/** Each larger than what is read of it, turned by a quarter where the format can say so. */
const large: Record<string, () => Promise<Buffer> | Buffer> = {
  'turned.jpg': () => turned().jpeg({ quality: 95 }).toBuffer(),
  'profile.jpg': () =>
    turned()
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'x'.repeat(20_000) } })
      .jpeg()
      .toBuffer(),
  'grey.jpg': () => noise(300, 200).toColourspace('b-w').jpeg({ quality: 95 }).toBuffer(),
  'turned.png': () => turned().png().toBuffer(),
  'turned.webp': () => turned().webp({ lossless: true }).toBuffer(),
  'turned.tif': () => turned().tiff().toBuffer(),
  'moving.gif': () => noise(300, 200).gif().toBuffer(),
  'plain.bmp': () => bmp(300, 200, 24, (x, y) => [x & 255, y, 7]),
}
const turned = (): Sharp => noise(300, 200).withMetadata({ orientation: 6 })

test.each(Object.entries(large))('%s, large: as the whole file says', async (name, make) => {
  const bytes = await make()
  expect(bytes.length).toBeGreaterThan(16 * 1024)
  const facts = await readImageHeader(put(temporaryFolder(), name, bytes))
  expect(facts).toEqual(await readImageFacts(name, bytes))
  const lies = /turned|profile/.test(name)
  expect([facts.height, facts.width]).toEqual(lies ? [300, 200] : [200, 300])
})

describe('of 3 GB, which cannot be read as a whole', () => {
  test.each(['turned.jpg', 'turned.png', 'plain.bmp', 'u16-cog.tif'])(
    '%s has its header read',
    async (name) => {
      const bytes = name.endsWith('.tif') ? readFileSync(join(fixtures, name)) : await large[name]!()
      const file = put(temporaryFolder(), name, bytes)
      truncateSync(file, 3 * 2 ** 30)
      expect(await readImageHeader(file)).toEqual(await readImageFacts(name, bytes))
    },
  )
})

test('what is not there, is a folder or is cut off within its header is refused by name', async () => {
  const folder = temporaryFolder()
  const cut = (await large['turned.jpg']!()).subarray(0, 300)
  await expect(readImageHeader(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  await expect(readImageHeader(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  await expect(readImageHeader(put(folder, 'cut.jpg', cut))).rejects.toThrow('truncated or damaged')
})
