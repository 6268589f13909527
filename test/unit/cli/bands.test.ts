/** Images of many bands through the built command line: trained, evaluated and predicted with the preparation of model.json. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { DataSettings } from '#shared/project/schema'
import { put } from '../storage/testImages'
import { tiffFile } from '../storage/tiffFile'

const entry = join(import.meta.dirname, '../../../out/main/index.js')
const fixtures = join(import.meta.dirname, '../../fixtures/images')
const folder = mkdtempSync(join(tmpdir(), 'interlock-bands-'))
const env = { ...process.env, INTERLOCK_HOME: join(folder, 'home') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function cli(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], { cwd: folder, env })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

const side = 8
/** Repeatable values between 0 and 1. */
function uniform(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/** `[pixels][bands]` of one image: band 8 against band 4 tells fields from towns, all others are noise. */
function reflectances(label: number, seed: number, bands: number): number[] {
  const random = uniform(seed)
  return Array.from({ length: side * side * bands }, (_, i) => {
    const band = (i % bands) + 1
    const level = band === 8 ? (label === 0 ? 3500 : 1500) : band === 4 ? (label === 0 ? 600 : 1400) : 1000
    return Math.round(level + 400 * random())
  })
}

const classes = ['field', 'town']

function project(name: string, channels: number, data: Partial<DataSettings>): string {
  const file = `${name}.json`
  const dense = { id: 'd', type: 'dense', params: { units: 2 } }
  const content = {
    format: 'interlock-project',
    version: 3,
    name,
    graph: {
      blocks: [
        { id: 'in', type: 'input', params: { height: side, width: side, channels } },
        { id: 'pool', type: 'globalAvgPool2d' },
        dense,
        { id: 'out', type: 'output' },
      ],
      connections: [
        { from: 'in', to: 'pool' },
        { from: 'pool', to: 'd' },
        { from: 'd', to: 'out' },
      ],
    },
    data: { source: name, ...data },
    training: { epochs: 30, batchSize: 8, optimizer: { type: 'adam', learningRate: 0.05 } },
  }
  writeFileSync(join(folder, file), JSON.stringify(content))
  return file
}

interface Model {
  version: number
  preprocessing: Record<string, unknown> & { bands: string[]; mean: number[]; std: number[] }
}

/** Trains, evaluates and predicts; answers what was written and said. */
async function whole(name: string, image: string) {
  const train = await cli('train', `${name}.json`, '--out', `run-${name}`, '--executor', 'cpu', '--json')
  expect(train.stderr).toBe('')
  expect(train.code).toBe(0)
  const events = train.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const model = JSON.parse(readFileSync(join(folder, `run-${name}`, 'model.json'), 'utf8')) as Model
  const evaluated = await cli('evaluate', `run-${name}`, '--data', name, '--executor', 'cpu', '--json')
  const { accuracy } = JSON.parse(evaluated.stdout) as { accuracy: number }
  const predicted = await cli('predict', `run-${name}`, image, '--executor', 'cpu', '--json')
  expect(predicted.stderr).toBe('')
  const predictions = JSON.parse(predicted.stdout) as { top: { class: string }[] }[]
  const exported = await cli('export', `run-${name}`, '--format', 'json', '--out', `copy-${name}`, '--json')
  expect(JSON.parse(exported.stdout)).toMatchObject({ maxDifference: 0 })
  const skipped = events.filter(({ event }) => event === 'skipped').map(({ reason }) => String(reason))
  return { model, accuracy, predictions, skipped, told: evaluated.stderr }
}

describe('13 bands of 16 bits', () => {
  test('train, evaluate and predict; bad files are skipped with their reason', async () => {
    for (const [label, name] of classes.entries())
      for (let i = 0; i < 12; i++) {
        const pixels = Uint16Array.from(reflectances(label, i * 2 + label + 1, 13))
        put(folder, `deep/${name}/${i}.tif`, tiffFile({ height: side, width: side, pixels }))
      }
    put(folder, 'deep/town/4bands.tif', readFileSync(join(fixtures, 'u16-planar-lzw.tif')))
    put(folder, 'deep/town/float.tif', tiffFile({ height: 8, width: 8, pixels: new Float32Array(832) }))
    copyFileSync(join(fixtures, 'truncated.tif'), join(folder, 'deep/town/truncated.tif'))
    copyFileSync(join(fixtures, 'u16.jp2'), join(folder, 'deep/field/product.jp2'))
    copyFileSync(join(fixtures, 'text.tif'), join(folder, 'deep/field/text.tif'))
    const refused = await cli('check', project('deep', 3, {}), '--data', 'deep', '--json')
    expect(refused.code).toBe(1)
    const report = JSON.parse(refused.stdout) as { issues: unknown[]; data: unknown }
    expect(report.data).toMatchObject({ bands: 13, kind: 'raster' })
    expect(report.issues[0]).toMatchObject({
      code: 'BAND_COUNT_MISMATCH',
      repairs: [{ label: 'Set the input to 13 bands', result: [side, side, 13] }],
    })
    // Bands that the project chooses and computes are what the network gets.
    const chosen = {
      bands: ['band4', 'band3'],
      indices: [{ name: 'ndvi', formula: '(band8 - band4) / (band8 + band4)' }],
    }
    const fitting = await cli('check', project('deep', 3, chosen), '--data', 'deep', '--json')
    expect(fitting.code).toBe(0)
    const lost = await cli('check', project('deep', 3, { bands: ['band14'] }), '--data', 'deep', '--json')
    expect(lost.stderr).toMatch(/band14/)
    expect(lost.code).toBe(2)
    // One file of the headers read is of floats: with it, all would be held as floats.
    rmSync(join(folder, 'deep/town/float.tif'))
    project('deep', 13, {})
    const { model, accuracy, predictions, skipped, told } = await whole('deep', 'deep/field/3.tif')
    expect(accuracy).toBe(1)
    expect(predictions[0]!.top[0]!.class).toBe('field')
    expect(model.version).toBe(2)
    expect(model.preprocessing).toMatchObject({ numbers: 'uint16', scale: 1 })
    expect(model.preprocessing.bands).toEqual(Array.from({ length: 13 }, (_, i) => `band${i + 1}`))
    // Bands of noise: level 1,000 to 1,400, uniformly.
    expect(Math.abs(model.preprocessing.mean[0]! - 1200)).toBeLessThan(20)
    expect(Math.abs(model.preprocessing.std[0]! - 400 / Math.sqrt(12))).toBeLessThan(5)
    const reasons = skipped.sort().join('\n')
    expect(reasons).toMatch(/is JPEG 2000; convert it with: gdal_translate/)
    expect(reasons).toMatch(/it has 4 bands, the network asks for 13/)
    expect(reasons).toMatch(/content is not a PNG/)
    expect(reasons).toMatch(/truncated or damaged/)
    expect(skipped).toHaveLength(4)
    expect(told.match(/Skipped/g)).toHaveLength(4)
  })
})

describe('floats', () => {
  test('with no data, two chosen bands and an index, from least to most', async () => {
    for (const [label, name] of classes.entries())
      for (let i = 0; i < 12; i++) {
        const pixels = Float32Array.from(reflectances(label, i * 2 + label + 1, 9), (value) => value / 10_000)
        pixels.fill(-9999, 0, 9 * 3)
        put(folder, `loose/${name}/${i}.tif`, tiffFile({ height: side, width: side, pixels, noData: -9999 }))
      }
    const indices = [{ name: 'NDVI', formula: '(NIR - red) / (NIR + red)' }]
    const bandNames = ['c', 'blue', 'green', 'red', 'e1', 'e2', 'e3', 'NIR', 'w']
    project('loose', 3, { bandNames, bands: ['NIR', 'red'], indices, normalise: 'minmax' })
    const { model, accuracy, predictions } = await whole('loose', 'loose/town/7.tif')
    expect(accuracy).toBe(1)
    expect(predictions[0]!.top[0]!.class).toBe('town')
    const { preprocessing } = model
    expect(preprocessing.bands).toEqual(['NIR', 'red', 'NDVI'])
    expect(preprocessing).toMatchObject({
      numbers: 'float32',
      storedBands: bandNames,
      formulas: { NDVI: '(NIR - red) / (NIR + red)' },
    })
    // Fields: (3500…3900 − 600…1000) / sum; towns: (1500…1900 − 1400…1800) / sum. No data counts for nothing.
    const [least, most] = [preprocessing.mean[2]!, preprocessing.mean[2]! + preprocessing.std[2]!]
    expect(least).toBeGreaterThan(-0.1)
    expect(least).toBeLessThan(0)
    expect(most).toBeGreaterThan(0.65)
    expect(most).toBeLessThan(0.74)
  })
})

describe('a file for each band', () => {
  test.each(['folder', 'suffix'])('in a %s of each image, of unequal resolution', async (kind) => {
    const name = `split-${kind}`
    for (const [label, className] of classes.entries())
      for (let i = 0; i < 10; i++) {
        const values = reflectances(label, i * 2 + label + 1, 9)
        const image = kind === 'folder' ? `${name}/${className}/tile${i}/` : `${name}/${className}/tile${i}_`
        for (const [band, position] of [
          ['B04', 3],
          ['B08', 7],
        ] as const) {
          const pixels = Uint16Array.from({ length: 64 }, (_, k) => values[k * 9 + position]!)
          put(folder, `${image}${band}.tif`, tiffFile({ height: side, width: side, pixels }))
        }
        const coarse = new Uint16Array(16).fill(1000 + i)
        put(folder, `${image}B8A.tif`, tiffFile({ height: 4, width: 4, pixels: coarse }))
      }
    rmSync(join(folder, `${name}/town/${kind === 'folder' ? 'tile9/' : 'tile9_'}B08.tif`))
    project(name, 3, {})
    const image = `${name}/field/${kind === 'folder' ? 'tile2' : 'tile2_{B04,B08,B8A}.tif'}`
    const { model, accuracy, predictions, skipped } = await whole(name, image)
    expect(model.preprocessing.bands).toEqual(['B04', 'B08', 'B8A'])
    expect(accuracy).toBe(1)
    expect(predictions).toHaveLength(1)
    expect(predictions[0]!.top[0]!.class).toBe('field')
    expect(skipped).toEqual(['has no file for band B08'])
  })
})
