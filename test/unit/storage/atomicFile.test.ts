import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, writeFileAtomic } from '../../../src-main/storage/atomicFile'
import { put, temporaryFolder } from './testImages'

const error = (thrown: unknown) => thrown as { code: string; message: string }

test('replaces a file as a whole and leaves nothing beside it', async () => {
  const folder = temporaryFolder()
  const file = put(folder, 'a.txt', 'old content that is longer')
  await writeFileAtomic(file, [Buffer.from('ne'), Buffer.from('w')])
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('where it cannot be written: FILE_UNWRITABLE, the reason in words, the old file as it was', async () => {
  const folder = temporaryFolder()
  const file = put(folder, 'a.txt', 'kept')
  const below = await writeFileAtomic(join(file, 'b.txt'), 'x').catch(error)
  expect(below).toMatchObject({ code: 'FILE_UNWRITABLE' })
  expect(below && below.message).toMatch(/part of the path is a file/)
  expect(await makeFolder(join(file, 'folder')).catch(error)).toMatchObject({ code: 'FILE_UNWRITABLE' })
  mkdirSync(join(folder, 'taken'))
  expect(await writeFileAtomic(join(folder, 'taken'), 'x').catch(error)).toMatchObject({
    code: 'FILE_UNWRITABLE',
  })
  expect(readFileSync(file, 'utf8')).toBe('kept')
  expect(readdirSync(folder).sort()).toEqual(['a.txt', 'taken'])
})

test.runIf(process.platform === 'linux')(
  'a folder that cannot be made below /proc is refused, not tried for ever',
  async () => {
    expect(await makeFolder('/proc/interlock/runs').catch(error)).toMatchObject({ code: 'FILE_UNWRITABLE' })
  },
)

test('two writers at once: one of them wins, and nothing is mixed', async () => {
  const file = join(temporaryFolder(), 'a.txt')
  const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000))
  await Promise.all(texts.map((text) => writeFileAtomic(file, text)))
  expect(texts).toContain(readFileSync(file, 'utf8'))
})
