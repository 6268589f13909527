/**
 * A scene that GDAL wrote (test/fixtures/scene) and a network with weights chosen by hand, whose answer for every window can be worked
 * out from the pixels: the band with the larger mean.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromFile } from 'geotiff'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NamedTensor } from '#shared/engine/tensors'
import { inferShapes } from '#shared/graph/inferShapes'
import { trainingSchema } from '#shared/training/settings'
import { EngineClient } from '../../../src-main/services/engineClient'
import { mapScene, writeSceneMap, type MapOptions } from '../../../src-main/services/mapScene'
import { readModelFile, writeModelFile, type StoredModel } from '../../../src-main/storage/modelFile'
import { noClass } from '../../../src-main/storage/scene/classTiff'
import { openScene, type Scene } from '../../../src-main/storage/scene/openScene'
import { chain } from '../../plan/graphs'

const sceneFile = new URL('../../fixtures/scene/scene.tif', import.meta.url).pathname
const [width, height] = [104, 72]

let folder: string
let engine: EngineClient
let scene: Scene
let model: StoredModel
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-scene-'))
  engine = new EngineClient()
  scene = await openScene(sceneFile)
  model = await bandModel('model', 8, 'uint16')
})
afterAll(async () => {
  await engine.dispose()
  await scene.close()
  await rm(folder, { recursive: true, force: true })
})

/** The class is the band with the larger mean over a window of `side` network pixels. */
async function bandModel(name: string, side: number, numbers?: 'uint16'): Promise<StoredModel> {
  const graph = chain(
    [side, side, 2],
    [
      ['pool', 'globalAvgPool2d', {}],
      ['d1', 'dense', { units: 2 }],
    ],
  )
  const weights: NamedTensor[] = [
    { name: 'd1/kernel', shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) },
    { name: 'd1/bias', shape: [2], data: Float32Array.of(0, 0) },
  ]
  const target = join(folder, name)
  await writeModelFile(
    target,
    'model.json',
    {
      name,
      graph,
      fits: inferShapes(graph).blocks,
      classes: ['land', 'water'],
      preprocessing: {
        ...{ resize: 'stretch', filter: 'bilinear-antialias', mean: [0, 0], std: [1, 1], scale: 1 / 1000 },
        ...{ bands: ['B04', 'B03'], numbers },
      },
      training: {
        ...{ settings: trainingSchema.parse({}), split: null, images: { training: 1, validation: 1 } },
        ...{ epoch: 1, bestEpoch: 1, loss: 0, accuracy: 1, valLoss: 0, valAccuracy: 1, executor: 'CPU' },
        ...{ startedAt: '2026-01-01T00:00:00.000Z', versions: { interlock: '0' } },
      },
    } as Parameters<typeof writeModelFile>[2],
    weights,
  )
  return readModelFile(target)
}

const options = (more: Partial<MapOptions> = {}): MapOptions => ({
  ...{ executor: 'cpu', threads: 1, patch: null, stride: null },
  ...more,
})

/** Class of the window of a cell, straight from the pixels. */
async function expectedMap(patch: number, stride: number): Promise<number[][]> {
  const tiff = await fromFile(sceneFile)
  const [land, water] = (await (await tiff.getImage()).readRasters({ interleave: false })) as unknown as [
    Uint16Array,
    Uint16Array,
  ]
  await tiff.close()
  const start = (cell: number, length: number): number =>
    Math.min(Math.max(cell * stride + Math.floor((stride - patch) / 2), 0), length - patch)
  const classOf = (x: number, y: number): number => {
    const [left, top] = [start(x, width), start(y, height)]
    let [a, b, missing] = [0, 0, 0]
    for (let row = top; row < top + patch; row++) {
      for (let column = left; column < left + patch; column++) {
        const i = row * width + column
        a += land[i]!
        b += water[i]!
        if (land[i] === 0 && water[i] === 0) missing++
      }
    }
    return missing * 2 >= patch * patch ? noClass : a > b ? 0 : 1
  }
  return Array.from({ length: Math.ceil(height / stride) }, (_, y) =>
    Array.from({ length: Math.ceil(width / stride) }, (_, x) => classOf(x, y)),
  )
}

describe('a map of a scene', () => {
  test.each([
    [8, 4],
    [8, 8],
    [16, 5],
    [8, 1],
    [12, 20],
  ])('windows of %d pixels, a class for every %d: as the pixels say', async (patch, stride) => {
    const seen: number[] = []
    const onProgress = (done: number): void => void seen.push(done)
    const result = await mapScene(engine, model, scene, options({ patch, stride, onProgress }))
    const expected = await expectedMap(patch, stride)
    const found = expected.map((row, y) => [...result.cells.subarray(y * row.length, (y + 1) * row.length)])
    expect(found).toEqual(expected)
    expect(seen.at(-1)).toBe(expected.flat().length)
    const total = result.pixels.reduce((sum, count) => sum + count, result.unclassified)
    expect(total).toBe(width * height)
    expect(new Set(expected.flat())).toEqual(new Set([0, 1, noClass]))
    expect(result.confidence).toBeGreaterThan(0.5)
  })

  test('the file has the size, place and coordinate system of the scene', async () => {
    const out = join(folder, 'map.tif')
    const result = await mapScene(engine, model, scene, options({ stride: 3 }))
    await writeSceneMap(out, result, scene)
    const tiff = await fromFile(out)
    const image = await tiff.getImage()
    expect([image.getWidth(), image.getHeight()]).toEqual([width, height])
    expect(image.getOrigin().slice(0, 2)).toEqual([500000, 5600000])
    expect(image.getGeoKeys()?.ProjectedCSTypeGeoKey).toBe(32632)
    const [band] = await image.readRasters({ interleave: false })
    await tiff.close()
    const { cells, grid } = result
    const expected = Array.from(
      { length: width * height },
      (_, i) => cells[Math.floor(Math.floor(i / width) / 3) * grid.across + Math.floor((i % width) / 3)],
    )
    expect([...(band as Uint8Array)]).toEqual(expected)
    expect(scene.pixelArea).toBe(100)
  })

  test('can be called off', async () => {
    const stop = new AbortController()
    const work = mapScene(
      engine,
      model,
      scene,
      options({ stride: 1, signal: stop.signal, onProgress: () => stop.abort() }),
    )
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('is refused, with the reason', () => {
  test('a scene smaller than a window', async () => {
    await expect(mapScene(engine, model, scene, options({ patch: 73 }))).rejects.toMatchObject({
      code: 'SCENE_TOO_SMALL',
    })
  })

  test('a scene of other numbers than the training images', async () => {
    const bytes = await bandModel('bytes', 8)
    await expect(mapScene(engine, bytes, scene, options())).rejects.toMatchObject({
      code: 'SCENE_UNSUITABLE',
    })
  })

  test('a scene with other bands', async () => {
    const five = new URL('../../fixtures/images/u8-five-bands-zstd.tif', import.meta.url).pathname
    const other = await openScene(five)
    await expect(mapScene(engine, model, other, options({ patch: 4 }))).rejects.toMatchObject({
      code: 'SCENE_UNSUITABLE',
    })
    await other.close()
  })

  test('what is no scene', async () => {
    await expect(openScene(join(folder, 'nothing.tif'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    const text = join(folder, 'text.tif')
    await writeFile(text, 'this is no TIFF')
    await expect(openScene(text)).rejects.toMatchObject({ code: 'SCENE_UNREADABLE' })
  })
})

const python = '/usr/bin/python3'
const hasRasterio = spawnSync(python, ['-c', 'import rasterio']).status === 0

test.skipIf(!hasRasterio)(
  'GDAL finds the same coordinate system and transform in map and scene (skipped where rasterio is not installed)',
  async () => {
    const out = join(folder, 'gdal.tif')
    await writeSceneMap(out, await mapScene(engine, model, scene, options()), scene)
    const script = `
import rasterio, sys
a, b = [rasterio.open(file) for file in sys.argv[1:]]
print(a.crs == b.crs, a.transform == b.transform, a.bounds == b.bounds, b.nodata, b.dtypes)`
    const run = spawnSync(python, ['-c', script, sceneFile, out], { encoding: 'utf8' })
    expect(run.stdout.trim()).toBe("True True True 255.0 ('uint8',)")
  },
)
