import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compareCodePoints } from '../../../src-main/storage/compareCodePoints'
import { listImageFolder, listImages } from '../../../src-main/storage/imageFolder'
import { bmp, plain, put, temporaryFolder } from './testImages'

const png = () => plain(4, 4, [1, 2, 3]).png().toBuffer()
const code = (thrown: unknown) => (thrown as { code: string }).code

describe('listImageFolder', () => {
  test('classes and files by code point, nested folders walked, hidden files passed over', async () => {
    const folder = temporaryFolder()
    const bytes = await png()
    for (const file of [
      'b/2.png',
      'b/10.png',
      'b/deep/er/1.PNG',
      'a/x.jpeg',
      'Z/x.gif',
      'é/x.tif',
      '𐀀/x.webp',
      '\ue000/x.bmp',
    ]) {
      put(folder, file, bytes)
    }
    put(folder, 'b/.hidden.png', bytes)
    put(folder, 'b/Thumbs.db', 'x')
    put(folder, '.cache/x.png', bytes)
    const { classes, skipped } = await listImageFolder(folder)
    // U+E000 sorts before U+10000, as in Python; UTF-16 units would turn them round.
    expect(classes.map(({ name }) => name)).toEqual(['Z', 'a', 'b', 'é', '\ue000', '𐀀'])
    expect(classes[2]?.files).toEqual(['b/10.png', 'b/2.png', 'b/deep/er/1.PNG'])
    expect(skipped).toEqual([])
  })

  test('what is no image is listed with its reason; an image without a usual ending is found by content', async () => {
    const folder = temporaryFolder()
    put(folder, 'a/photo.data', await png())
    put(
      folder,
      'a/scan',
      bmp(4, 4, 24, () => [1, 2, 3]),
    )
    put(folder, 'a/notes.txt', 'BM is how this note begins, but it is no bitmap')
    put(folder, 'a/none.png', '')
    put(folder, 'readme.md', 'about')
    mkdirSync(join(folder, 'empty'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'a', 'gone.png'))
    const { classes, skipped } = await listImageFolder(folder)
    expect(classes).toEqual([{ name: 'a', files: ['a/photo.data', 'a/scan'] }])
    const reasons = Object.fromEntries(skipped.map(({ file, reason }) => [basename(file), reason]))
    expect(reasons).toEqual({
      'notes.txt': 'is not a PNG, JPEG, BMP, GIF, WebP, AVIF or TIFF image',
      'none.png': 'is empty (0 bytes)',
      'gone.png': 'is a link that leads nowhere',
      'readme.md': 'lies outside the class folders',
      empty: 'is a folder without images',
    })
  })

  test('a link back to a folder above ends', async () => {
    const folder = temporaryFolder()
    put(folder, 'a/x.png', await png())
    symlinkSync(folder, join(folder, 'a', 'loop'))
    const { classes, skipped } = await listImageFolder(folder)
    expect(classes[0]?.files).toContain('a/x.png')
    expect(skipped.some(({ reason }) => reason.includes('link back'))).toBe(true)
  })

  test('missing, a file, empty: each with its code', async () => {
    const folder = temporaryFolder()
    expect(await listImageFolder(join(folder, 'no')).catch(code)).toBe('FILE_NOT_FOUND')
    expect(await listImageFolder(put(folder, 'file', 'x')).catch(code)).toBe('DATA_NOT_A_FOLDER')
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    expect(await listImageFolder(empty).catch(code)).toBe('DATA_EMPTY')
    const message = (folder: string) => listImageFolder(folder).catch((thrown: Error) => thrown.message)
    expect(await message(temporaryFolder())).toContain(': it is empty. Expected')
    const flat = temporaryFolder()
    put(flat, '1.png', await png())
    put(flat, 'void/readme.txt', 'none')
    expect(await message(flat)).toContain(
      '1 image lies in it directly, in no sub-folder; no image in its 1 folder; 1 other was passed over, the first is void/readme.txt, which is not a',
    )
  })

  test.skipIf(process.platform === 'win32')(
    'a folder that cannot be read is passed over and listed (skipped on Windows: no such rights)',
    async () => {
      const folder = temporaryFolder()
      for (const name of ['a', 'b', 'c/inner', 'c']) put(folder, `${name}/x.png`, await png())
      chmodSync(folder, 0o755)
      const closed = ['b', 'c/inner'].map((name) => join(folder, name))
      for (const path of closed) chmodSync(path, 0)
      // Root may read everything: be somebody else for a moment.
      const asRoot = process.getuid?.() === 0
      if (asRoot) process.seteuid?.(65534)
      try {
        const { classes, skipped } = await listImageFolder(folder)
        expect(classes.map(({ name, files }) => [name, ...files])).toEqual([
          ['a', 'a/x.png'],
          ['c', 'c/x.png'],
        ])
        expect(skipped).toEqual(closed.map((file) => ({ file, reason: 'cannot be read: permission denied' })))
      } finally {
        if (asRoot) process.seteuid?.(0)
        for (const path of closed) chmodSync(path, 0o755)
      }
    },
  )
})

test('listImages walks a folder of any depth', async () => {
  const folder = temporaryFolder()
  const files = [put(folder, 'b/1.png', await png()), put(folder, 'a.png', await png())]
  expect((await listImages(folder)).files).toEqual([files[1], files[0]])
})

test('compareCodePoints is the order of code points', () => {
  const texts = ['a', '\ue000', 'ab', 'a\ue000', '\u{10000}', 'Z', '\uffff', '\u{1F600}', 'B', 'a\u{10000}']
  const points = (text: string) =>
    Array.from(text, (c) => (c.codePointAt(0) ?? 0).toString(16).padStart(6, '0')).join('')
  const expected = [...texts].sort((a, b) => (points(a) < points(b) ? -1 : 1))
  expect([...texts].sort(compareCodePoints)).toEqual(expected)
})
