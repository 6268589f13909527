import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newProject } from '#shared/project/newProject'
import type { DataSettings } from '#shared/project/schema'
import { openEvaluated } from '../../../src-main/services/openEvaluated'
import { usualPart } from '../../../src-main/services/loadImages'
import { openSource } from '../../../src-main/services/imageSource'
import { summariseData } from '../../../src-main/services/summariseData'
import { plain, put, temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'

const { data, training } = newProject()
const png = await plain(4, 4, [1, 2, 3]).png().toBuffer()
const code = (thrown: unknown) => (thrown as { code: string }).code

/** Classes `a` and `b` with ten images each, named alike. */
function numbered(): string {
  const folder = temporaryFolder()
  for (const name of ['a', 'b']) for (let i = 0; i < 10; i++) put(folder, `${name}/${i}.png`, png)
  return folder
}

async function summaryOf(folder: string, changed: Partial<DataSettings>) {
  const settings = { ...data, ...changed }
  return summariseData(await openSource(folder, '/', { data: settings }), null, settings, testStore().pool)
}

/** A model's facts about its split, as far as evaluation needs them. */
const modelOf = (split: Record<string, unknown>) =>
  ({
    classes: ['a', 'b'],
    training: { settings: training, split: { validationSplit: 0.2, splitSeed: 1, ...split } },
  }) as never

describe('lists', () => {
  test('relative to the project, counted by class, and again when a model is evaluated', async () => {
    const folder = numbered()
    put(folder, 'lists/test.txt', 'a/0\na/1.tif\nb/2\nnobody\n')
    const source = await openSource(folder, folder, {
      data: { ...data, splitBy: 'lists', testList: 'lists/test.txt' },
    })
    expect(source.split.meant[0]?.slice(0, 3)).toEqual(['test', 'test', 'training'])
    expect(source.split.notes).toEqual([
      { kind: 'unknown', count: 1, examples: ['nobody'] },
      { kind: 'rest', count: 17, examples: [] },
    ])
    expect(source.split.listed).toEqual({ training: null, validation: null, test: { names: 4, found: 3 } })
    const again = await openEvaluated(
      folder,
      '/',
      modelOf({ splitBy: 'lists', testFiles: ['a/0.png', 'a/1.png', 'b/2.png'] }),
      {},
    )
    expect(again.split.meant).toEqual(source.split.meant)
    expect(again.split.given.test).toBe(true)
    // Of other images, everything is compared.
    const others = temporaryFolder()
    for (const name of ['a', 'b']) put(others, `${name}/new.png`, png)
    const other = await openEvaluated(others, '/', modelOf({ splitBy: 'lists', testFiles: ['a/0.png'] }), {})
    expect(other.split.given.test).toBe(false)
    expect(again.fallback).toBeUndefined()
    expect(other.fallback).toEqual({ by: 'lists', code: 'DATA_LIST_UNMATCHED' })
    // What stands in for the split keeps no test part, though the training did.
    const tested = { splitBy: 'blocks', testSplit: 0.2, blockSize: 10, blockBuffer: 0 }
    const unplaced = await openEvaluated(others, '/', modelOf(tested), {})
    expect(unplaced.fallback).toEqual({ by: 'blocks', code: 'DATA_NO_PLACE' })
    expect(usualPart(unplaced, { validationSplit: 0.2, testSplit: 0.2, splitSeed: 1 })).toBe('all')
    expect((await openEvaluated(others, '/', modelOf({ splitBy: 'folders' }), {})).fallback).toEqual({
      by: 'folders',
      code: 'DATA_NO_PARTS',
    })
  })

  test('none, one that is not there, one of which nothing fits', async () => {
    const folder = numbered()
    const list = put(folder, 'no.csv', 'file,class\nx.png,a\n')
    expect(await summaryOf(folder, { splitBy: 'lists' }).catch(code)).toBe('DATA_NO_LISTS')
    expect(await summaryOf(folder, { splitBy: 'lists', testList: '/not/there' }).catch(code)).toBe(
      'FILE_NOT_FOUND',
    )
    expect(await summaryOf(folder, { splitBy: 'lists', testList: list }).catch(code)).toBe(
      'DATA_LIST_UNMATCHED',
    )
  })
})

const python = '/usr/bin/python3'
const hasRasterio = spawnSync(python, ['-c', 'import rasterio']).status === 0
const script = `
import os, sys, numpy as np, rasterio
from rasterio.transform import from_origin
out, crs = sys.argv[1], sys.argv[2]
for i in range(100):
    x, y = i % 10, i // 10
    os.makedirs(f"{out}/{'ab'[(x // 2 + y // 2) % 2]}", exist_ok=True)
    code = crs if i else (sys.argv[3] if len(sys.argv) > 3 else crs)
    with rasterio.open(f"{out}/{'ab'[(x // 2 + y // 2) % 2]}/{i}.tif", "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8",
                       crs=code, transform=from_origin(500000 + x * 80, 5000000 - y * 80, 10, 10)) as f:
        f.write(np.full((1, 8, 8), i, "uint8"))
`
function tiles(...systems: string[]): string {
  const folder = join(temporaryFolder(), 'tiles')
  const { status, stderr } = spawnSync(python, ['-c', script, folder, ...systems], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return folder
}

describe.skipIf(!hasRasterio)(
  'blocks of GeoTIFF tiles (skipped where Python has no rasterio, which writes them)',
  () => {
    test('go to a part as a whole; what is near another part is left out, counted and told', async () => {
      const folder = tiles('EPSG:32632')
      const summary = await summaryOf(folder, { splitBy: 'blocks', testSplit: 0.2 })
      const { blocks, notes, classes } = summary.split
      expect(blocks).toMatchObject({ buffer: 80, system: 'EPSG:32632' })
      const [left] = notes
      expect(left?.kind).toBe('buffer')
      const inParts = classes.reduce((sum, one) => sum + one.training + one.validation + one.test, 0)
      expect(inParts + (left?.count ?? 0)).toBe(100)
      for (const one of classes) expect(Math.min(one.training, one.validation, one.test)).toBeGreaterThan(0)
      // The same blocks for the model that was trained on them.
      const split = { splitBy: 'blocks', testSplit: 0.2, blockSize: blocks?.size, blockBuffer: 80 }
      const source = await openSource(folder, '/', { data: { ...data, splitBy: 'blocks', testSplit: 0.2 } })
      expect((await openEvaluated(folder, '/', modelOf(split), {})).split.meant).toEqual(source.split.meant)
    })

    test('without a place, in two coordinate systems, in one block', async () => {
      expect(await summaryOf(numbered(), { splitBy: 'blocks' }).catch(code)).toBe('DATA_NO_PLACE')
      const mixed = await summaryOf(tiles('EPSG:32632', 'EPSG:32633'), { splitBy: 'blocks' }).catch(
        (thrown: Error) => thrown,
      )
      expect(mixed).toMatchObject({ code: 'DATA_PLACES_DIFFER' })
      expect((mixed as Error).message).toMatch(/EPSG:32632.*gdalwarp/)
      expect(await summaryOf(tiles('EPSG:32632'), { splitBy: 'blocks', blockSize: 1e8 }).catch(code)).toBe(
        'DATA_FEW_BLOCKS',
      )
    })
  },
)
