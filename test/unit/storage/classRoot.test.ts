import { mkdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { rootCandidates } from '../../../src-main/storage/classRoot'
import { scanFolder } from '../../../src-main/storage/folderTree'
import { listClasses, listImageFolder } from '../../../src-main/storage/imageFolder'
import { plain, put, temporaryFolder } from './testImages'

const png = await plain(4, 4, [1, 2, 3]).png().toBuffer()
const code = (thrown: unknown) => (thrown as { code: string }).code

function folderOf(...files: string[]): string {
  const folder = temporaryFolder()
  for (const file of files) put(folder, file, png)
  return folder
}

const classesOf = async (folder: string, root: string | null = null, byPart = false) =>
  (await listImageFolder(folder, { root, byPart })).classes.map(({ name, files }) => [name, ...files])

test('the classes are found below folders that hold nothing else, whatever they are called', async () => {
  const inner = 'EuroSAT RGB (1)/Bilder äöü 图像/EuroSAT'
  const folder = folderOf(`${inner}/River/1.png`, `${inner}/Annual Crop/a b.png`, `${inner}/River/deep/2.png`)
  const listed = await listImageFolder(folder)
  expect(listed.root).toBe(inner)
  expect(listed.folder).toBe(join(folder, inner))
  expect(listed.classes).toEqual([
    { name: 'Annual Crop', files: ['Annual Crop/a b.png'] },
    { name: 'River', files: ['River/1.png', 'River/deep/2.png'] },
  ])
})

test('class folders directly below the chosen one stay what they were, with folders inside', async () => {
  const folder = folderOf('a/x/1.png', 'a/y/2.png', 'b/z/3.png')
  expect((await listImageFolder(folder)).root).toBe('.')
  expect(await classesOf(folder)).toEqual([
    ['a', 'a/x/1.png', 'a/y/2.png'],
    ['b', 'b/z/3.png'],
  ])
  // So does a folder with one class, however deep its images lie.
  expect(await classesOf(folderOf('only/deep/x.png'))).toEqual([['only', 'only/deep/x.png']])
})

test('every folder that may be the root is offered, and one can be chosen', async () => {
  const folder = folderOf('rgb/cat/1.png', 'rgb/dog/2.png', 'ms/cat/3.png', 'ms/dog/4.png', 'ms/fox/5.png')
  const scanned = await scanFolder(folder)
  expect(rootCandidates(scanned)).toEqual([
    { root: '.', classes: 2, images: 5 },
    { root: 'ms', classes: 3, images: 3 },
    { root: 'rgb', classes: 2, images: 2 },
  ])
  expect(await classesOf(folder)).toEqual([
    ['ms', 'ms/cat/3.png', 'ms/dog/4.png', 'ms/fox/5.png'],
    ['rgb', 'rgb/cat/1.png', 'rgb/dog/2.png'],
  ])
  const rgb = listClasses(scanned, { root: 'rgb', byPart: false })
  expect(rgb.classes.map(({ name }) => name)).toEqual(['cat', 'dog'])
  expect(rgb.skipped).toEqual([
    { file: join(folder, 'ms/'), reason: 'holds 3 images outside the class folders' },
  ])
  for (const root of ['nowhere', 'rgb/cat'])
    expect(await classesOf(folder, root).catch(code)).toBe('DATA_ROOT_MISSING')
})

test('the classes of a model tell its root', async () => {
  const folder = folderOf('only/a/1.png', 'only/b/2.png')
  const listed = async (classes: string[]) =>
    (await listImageFolder(folder, { root: null, byPart: false, classes })).root
  expect(await listed(['only', 'other'])).toBe('.')
  expect(await listed(['a', 'b', 'c'])).toBe('only')
})

test('train, val and test folders, in any case, are parts of the same classes', async () => {
  const folder = folderOf(
    'data/Train/cat/1.png',
    'data/Train/dog/2.png',
    'data/VALID/cat/3.png',
    'data/testing/extracted/dog/4.png',
    'data/testing/extracted/cat/5.png',
    'data/more/cat/6.png',
  )
  const listed = await listImageFolder(folder, { root: null, byPart: true })
  expect(listed.root).toBe('data')
  expect(Object.fromEntries(listed.parts ?? [])).toEqual({
    Train: 'training',
    VALID: 'validation',
    testing: 'test',
  })
  expect(listed.classes).toEqual([
    { name: 'cat', files: ['Train/cat/1.png', 'VALID/cat/3.png', 'testing/extracted/cat/5.png'] },
    { name: 'dog', files: ['Train/dog/2.png', 'testing/extracted/dog/4.png'] },
  ])
  expect(listed.skipped.map(({ file }) => basename(file))).toEqual(['more'])
  // Without being asked for they are classes, as they always were.
  expect((await classesOf(folder)).map(([name]) => name)).toEqual(['Train', 'VALID', 'more', 'testing'])
  expect(await classesOf(folderOf('car/1.png', 'train/2.png', 'bus/3.png'), null, true).catch(code)).toBe(
    'DATA_NO_PARTS',
  )
})

test('links to folders are followed, links in a circle end, wherever they lie', async () => {
  const folder = folderOf('store/cat/1.png', 'store/dog/2.png')
  const chosen = join(folder, 'chosen')
  mkdirSync(chosen)
  symlinkSync(join(folder, 'store'), join(chosen, 'link'))
  symlinkSync(chosen, join(folder, 'store/cat/round'))
  const listed = await listImageFolder(chosen)
  expect(listed.root).toBe('link')
  expect(listed.classes.map(({ name }) => name)).toEqual(['cat', 'dog'])
  expect(listed.skipped.map(({ reason }) => reason)).toEqual(['is a link back to a folder it lies in'])
})

test('a path longer than Windows once took', async () => {
  const long = Array.from({ length: 8 }, (_, i) => `${'folder with a long name '.repeat(2)}${i}`).join('/')
  const folder = folderOf(`${long}/a/1.png`, `${long}/b/2.png`)
  expect(join(folder, long).length).toBeGreaterThan(400)
  expect((await listImageFolder(folder)).root).toBe(long)
})

test('a scan tells how far it is, and ends when it is called off', async () => {
  const folder = folderOf(...Array.from({ length: 300 }, (_, i) => `c${i % 3}/${i}.png`))
  const told: number[] = []
  await scanFolder(folder, { onScanned: (files) => told.push(files) })
  expect(told.at(-1)).toBe(300)
  expect(told.length).toBeGreaterThan(3)
  const abort = new AbortController()
  const seen: number[] = []
  const scan = scanFolder(folder, {
    signal: abort.signal,
    onScanned: (files) => seen.push(files) === 2 && abort.abort(new Error('called off')),
  })
  await expect(scan).rejects.toThrow('called off')
  expect(seen.at(-1)).toBeLessThan(300)
})
