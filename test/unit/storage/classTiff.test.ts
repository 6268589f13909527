/** A map of classes as a GeoTIFF: read back by the library that reads scenes, and by GDAL where it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromFile } from 'geotiff'
import { noClass, writeClassTiff, type GeoTags } from '../../../src-main/storage/scene/classTiff'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'interlock-map-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** UTM zone 32 N, 10 m. */
const geo: GeoTags = {
  modelPixelScale: [10, 10, 0],
  modelTiepoint: [0, 0, 0, 399960, 5400000, 0],
  geoKeyDirectory: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32632],
}
const classes = ['Forest & field', 'River <2>', 'Residential']
const colours = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
] as const

const pixelOf = (x: number, y: number): number => ((x >> 4) + (y >> 3)) % 4 || noClass

async function* rowsOf(width: number, height: number, atOnce: number): AsyncGenerator<Uint8Array> {
  for (let y = 0; y < height; y += atOnce) {
    const rows = Math.min(atOnce, height - y)
    yield Uint8Array.from(
      { length: rows * width },
      (_, i) => pixelOf(i % width, y + Math.floor(i / width)) - 1,
    )
    await Promise.resolve()
  }
}

test.each([
  [301, 205, 7],
  [1, 1, 1],
  [70_000, 3, 2],
  [500, 400, 400],
])('%d × %d pixels, %d rows at a time, are read back as they were written', async (width, height, atOnce) => {
  const file = join(folder, `map ${width}.tif`)
  await writeClassTiff(file, { width, height, classes, colours, geo }, rowsOf(width, height, atOnce))
  const tiff = await fromFile(file)
  const image = await tiff.getImage()
  const [band] = await image.readRasters({ interleave: false })
  const expected = Uint8Array.from(
    { length: width * height },
    (_, i) => pixelOf(i % width, Math.floor(i / width)) - 1,
  )
  expect(Buffer.compare(Buffer.from(band as Uint8Array), Buffer.from(expected))).toBe(0)
  expect(image.getOrigin().slice(0, 2)).toEqual([399960, 5400000])
  expect(image.getResolution().slice(0, 2)).toEqual([10, -10])
  expect(image.getGDALNoData()).toBe(noClass)
  expect(image.getGeoKeys()?.ProjectedCSTypeGeoKey).toBe(32632)
  await tiff.close()
})

test('rows that do not make the raster leave nothing behind', async () => {
  const file = join(folder, 'short.tif')
  const raster = { width: 600, height: 400, classes, colours, geo }
  await expect(writeClassTiff(file, raster, rowsOf(600, 100, 10))).rejects.toThrow(/strips/)
  expect((await readdir(folder)).filter((name) => name.startsWith('short'))).toEqual([])
})

test('names of the classes stand beside the map, escaped', async () => {
  const file = join(folder, 'named.tif')
  await writeClassTiff(file, { width: 4, height: 4, classes, colours, geo }, rowsOf(4, 4, 4))
  expect(await readFile(`${file}.aux.xml`, 'utf8')).toContain('<Category>Forest &amp; field</Category>')
})

const hasGdal = spawnSync('gdalinfo', ['--version']).status === 0

test.skipIf(!hasGdal)(
  'GDAL reads it: place, colours, names, no data (skipped where gdalinfo is not installed)',
  async () => {
    const file = join(folder, 'gdal.tif')
    await writeClassTiff(file, { width: 301, height: 205, classes, colours, geo }, rowsOf(301, 205, 7))
    const run = spawnSync('gdalinfo', ['-json', '-checksum', file], { encoding: 'utf8' })
    const info = JSON.parse(run.stdout) as {
      size: number[]
      geoTransform: number[]
      coordinateSystem: { wkt: string }
      bands: {
        noDataValue: number
        categories: string[]
        colorTable: { entries: number[][] }
        type: string
      }[]
    }
    expect(run.stderr).toBe('')
    expect(info.size).toEqual([301, 205])
    expect(info.geoTransform).toEqual([399960, 10, 0, 5400000, 0, -10])
    expect(info.coordinateSystem.wkt).toContain('UTM zone 32N')
    const [band] = info.bands
    expect(band).toMatchObject({ type: 'Byte', noDataValue: 255 })
    expect(band?.categories).toEqual(classes)
    expect(band?.colorTable.entries.slice(0, 3)).toEqual(colours.map((colour) => [...colour, 255]))
  },
)
