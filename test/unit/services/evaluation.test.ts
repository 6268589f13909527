/** Evaluations of a run as a window asks for them, with a real run, real images and real files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { usualDisplay } from '#shared/data/displayBands'
import type { EvaluationRequest, EvaluationState, RunEvaluation } from '#shared/rpc/evaluationService'
import type { MainServices } from '#shared/rpc/services'
import { createServices, type CreatedServices } from '../../../src-main/services/createServices'
import { DecodePool } from '../../../src-main/storage/decoding/decodePool'
import { startNodeDecoder } from '../../../src-main/storage/decoding/nodeDecoder'
import { fileThumbnail } from '../../../src-main/services/thumbnails'
import { plain, put, temporaryFolder } from '../storage/testImages'
import { classFolder, smallProject } from './smallProjects'

const home = mkdtempSync(join(tmpdir(), 'interlock-evaluation-'))
const data = join(home, 'data')
let created: CreatedServices
let services: MainServices
let runId: string
const code = (thrown: unknown) => (thrown as { code: string }).code

async function trained(
  project: Parameters<MainServices['training']['start']>[0]['project'],
): Promise<string> {
  const ended = new Promise<void>((resolve) => {
    const forget = created.onRunEvent(({ type }) => {
      if (type !== 'finished' && type !== 'failed') return
      forget()
      resolve()
    })
  })
  const id = await services.training.start({ project, projectFile: null, executor: 'cpu', threads: 1 })
  await ended
  return id
}

async function evaluated(request: EvaluationRequest): Promise<RunEvaluation> {
  const id = await services.evaluation.start(request)
  for (;;) {
    const state: EvaluationState = await services.evaluation.state(id)
    if (state.kind === 'ready') return state.evaluation
    if (state.kind === 'failed') throw Object.assign(new Error(state.error.message), state.error)
    if (state.kind === 'none') throw new Error('it was cancelled')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const validation = (): EvaluationRequest => ({ runId, model: 'best', part: 'validation', folder: null })

beforeAll(async () => {
  process.env['INTERLOCK_HOME'] = home
  created = createServices({ shell: 'browser', version: '1.2.3' })
  services = created.openWindow({ dataEvent: () => undefined }).services
  await classFolder(data, ['dark', 'light'], 20)
  // A light picture among the dark ones: a wrong label, which a trained network is sure of.
  for (let i = 0; i < 20; i += 5) {
    put(data, `dark/wrong${i}.png`, await plain(12, 12, [200, 200, 200]).png().toBuffer())
  }
  const project = smallProject(data, 2, 30)
  runId = await trained({ ...project, data: { ...project.data, testSplit: 0.25, validationSplit: 0.5 } })
})
afterAll(async () => {
  await created.dispose()
  delete process.env['INTERLOCK_HOME']
  rmSync(home, { recursive: true, force: true })
})

describe('of a run', () => {
  test('the validation part is the one the run held out, with the accuracy its best epoch had', async () => {
    const run = (await services.training.run(runId)).state
    expect(await services.evaluation.find(validation())).toMatchObject({ evaluation: null })
    const result = await evaluated(validation())
    expect(result).toMatchObject({
      runId,
      part: 'validation',
      classes: ['dark', 'light'],
      images: run.images?.validation,
      expectedImages: run.images?.validation,
      epoch: run.best?.epoch,
    })
    expect(result.accuracy).toBeCloseTo(run.best?.valAccuracy ?? NaN, 6)
    expect(result.loss).toBeCloseTo(run.best?.valLoss ?? NaN, 4)
    expect(result.confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(result.images)
  })

  test('validated on a folder of its own, that folder is evaluated as the validation part', async () => {
    const other = await classFolder(join(home, 'others'), ['dark', 'light'], 4)
    put(other, 'dark/zero.png', '')
    const project = smallProject(data, 2, 3)
    const id = await trained({ ...project, data: { ...project.data, validationSource: other } })
    const run = (await services.training.run(id)).state
    expect(run.images).toEqual({ training: 44, validation: 8 })
    expect(run.skipped.map(({ file }) => file)).toEqual([join(other, 'dark/zero.png')])
    const result = await evaluated({ ...validation(), runId: id })
    expect(result).toMatchObject({ source: other, images: 8, expectedImages: 8, skippedCount: 1 })
    expect(result.accuracy).toBeCloseTo(run.best?.valAccuracy ?? NaN, 6)
    expect(result.loss).toBeCloseTo(run.best?.valLoss ?? NaN, 4)
    expect(await services.evaluation.changed(result.id)).toBe(false)
    // Of the classes, not of the folder, a stranger is refused before anything is trained.
    const strange = await classFolder(join(home, 'strange'), ['dark', 'grey'], 2)
    const refused = services.training.start({
      project: { ...project, data: { ...project.data, validationSource: strange } },
      ...({ projectFile: null, executor: 'cpu', threads: 1 } as const),
    })
    expect(await refused.catch(code)).toBe('DATA_CLASSES_DIFFER')
  })

  test('split by lists that name no image of another folder, all of that is compared, and it is said', async () => {
    const list = put(home, 'validate.txt', 'dark/000\nlight/001\n')
    const project = smallProject(data, 2, 2)
    const lists = { splitBy: 'lists', validationList: list } as const
    const id = await trained({ ...project, data: { ...project.data, ...lists } })
    const own = await evaluated({ ...validation(), runId: id })
    expect([own.images, own.fallback]).toEqual([2, undefined])
    const other = await classFolder(join(home, 'elsewhere'), ['dark', 'light'], 3)
    const result = await evaluated({ runId: id, model: 'best', part: 'folder', folder: other })
    expect([result.images, result.fallback]).toEqual([6, { by: 'lists', code: 'DATA_LIST_UNMATCHED' }])
  })

  test('it is kept: found at once, also by another process, until the weights change', async () => {
    const first = await evaluated(validation())
    const found = await services.evaluation.find(validation())
    expect(found.evaluation).toEqual(first)
    const other = createServices({ shell: 'browser', version: '1.2.3' })
    const again = await other
      .openWindow({ dataEvent: () => undefined })
      .services.evaluation.find(validation())
    expect(again.evaluation).toEqual(first)
    await other.dispose()
    const folder = join(home, 'runs', runId, 'evaluations')
    const [file] = readdirSync(folder).filter((name) => first.id.endsWith(name.replace('.bin', '')))
    truncateSync(join(folder, file ?? ''), 200)
    const third = createServices({ shell: 'browser', version: '1.2.3' })
    expect(
      await third.openWindow({ dataEvent: () => undefined }).services.evaluation.find(validation()),
    ).toMatchObject({
      evaluation: null,
    })
    await third.dispose()
    writeFileSync(join(folder, '0123456789abcdef-0123456789abcdef.bin'), 'of weights that are gone')
    await evaluated(validation())
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test('the test part has other images, and the last epoch another id', async () => {
    const [a, b] = [await evaluated(validation()), await evaluated({ ...validation(), part: 'test' })]
    const files = async ({ id, confusion }: RunEvaluation) => {
      const names: string[] = []
      for (const truth of confusion.keys())
        for (const predicted of confusion.keys()) {
          const { images } = await services.evaluation.images(id, { kind: 'cell', truth, predicted }, 0, 200)
          names.push(...images.map(({ file }) => file))
        }
      return names
    }
    const [validated, tested] = [await files(a), await files(b)]
    expect(new Set([...validated, ...tested]).size).toBe(a.images + b.images)
    expect(b.images).toBe(11)
    const last = await services.evaluation.find({ ...validation(), model: 'last' })
    expect(last.id.startsWith(runId)).toBe(true)
  })

  test('wrong labels are on top of the mistakes; a cell has its images, a right one the least sure first', async () => {
    const all = await evaluated({ ...validation(), part: 'folder', folder: data })
    expect(all).toMatchObject({ images: 44, expectedImages: null, part: 'all' })
    const { total, images } = await services.evaluation.images(all.id, { kind: 'mistakes' }, 0, 4)
    expect(total).toBe(all.mistakes)
    expect(images.every(({ file }) => /^dark\/wrong\d+\.png$/.test(file))).toBe(true)
    expect(images[0]).toMatchObject({ truth: 0, predicted: 1 })
    expect(images[0]?.top[0]).toEqual({ class: 1, probability: images[0]?.confidence })
    const right = await services.evaluation.images(all.id, { kind: 'cell', truth: 1, predicted: 1 }, 0, 200)
    expect(right.total).toBe(all.confusion[1]?.[1])
    const confidences = right.images.map(({ confidence }) => confidence)
    expect(confidences).toEqual([...confidences].sort((a, b) => a - b))
    const second = await services.evaluation.images(all.id, { kind: 'cell', truth: 1, predicted: 1 }, 3, 2)
    expect(second.images).toEqual(right.images.slice(3, 5))

    const pngs = await services.evaluation.thumbnails(all.id, [images[0]!.index, 40_000], 32, null)
    expect(await sharp(pngs[0]!).metadata()).toMatchObject({ width: 12, height: 12 })
    expect(pngs[1]).toBeNull()
    const curves = await services.evaluation.curves(all.id, 1)
    expect(curves).toMatchObject({ positives: 20, negatives: 24, auc: all.perClass[1]?.auc })
    expect(await services.evaluation.curves(all.id, 2).catch(code)).toBe('ARGUMENT_INVALID')
  })

  test('files that came or went are noticed', async () => {
    const folder = temporaryFolder()
    await classFolder(folder, ['dark', 'light'], 3)
    const { id } = await evaluated({ ...validation(), part: 'folder', folder })
    expect(await services.evaluation.changed(id)).toBe(false)
    put(folder, 'dark/more.png', readFileSync(join(folder, 'dark/000.png')))
    expect(await services.evaluation.changed(id)).toBe(true)
  })

  test('bad files are skipped and counted; other classes, no folder, no run are refused', async () => {
    const folder = temporaryFolder()
    await classFolder(folder, ['dark', 'light'], 3)
    put(folder, 'dark/none.png', 'not an image')
    const result = await evaluated({ ...validation(), part: 'folder', folder })
    expect(result).toMatchObject({ images: 6, skippedCount: 1 })
    expect(result.skipped[0]?.reason).toMatch(/not a .*PNG/)
    await classFolder(folder, ['green'], 2)
    expect(await evaluated({ ...validation(), part: 'folder', folder }).catch(code)).toBe(
      'DATA_CLASSES_DIFFER',
    )
    expect(await services.evaluation.find({ ...validation(), runId: 'none' }).catch(code)).toBe(
      'RUN_NOT_FOUND',
    )
    expect(await services.evaluation.find({ ...validation(), part: 'folder' }).catch(code)).toBe(
      'DATA_NOT_CHOSEN',
    )
    const unknown = `${runId}.0123456789abcdef-0123456789abcdef`
    expect(await services.evaluation.state(unknown)).toEqual({ kind: 'none' })
    expect(await services.evaluation.curves(unknown, 0).catch(code)).toBe('ARGUMENT_INVALID')
    expect(await services.evaluation.curves('../x', 0).catch(code)).toBe('ARGUMENT_INVALID')
  })

  test('a cancelled one leaves nothing, and the next goes on', async () => {
    const folder = temporaryFolder()
    await classFolder(folder, ['dark', 'light'], 60)
    const request: EvaluationRequest = { ...validation(), part: 'folder', folder }
    const id = await services.evaluation.start(request)
    expect(await services.evaluation.start(request)).toBe(id)
    await services.evaluation.cancel(id)
    expect(await services.evaluation.state(id)).toEqual({ kind: 'none' })
    const after = await evaluated({ ...validation(), part: 'test' })
    expect(after.images).toBe(11)
    expect(await services.evaluation.state(id)).toEqual({ kind: 'none' })
    expect((await evaluated(request)).images).toBe(120)
  })
})

test('digits: the 2,000 that were held out, each with its picture', async () => {
  const project = smallProject('sample:digits', 10, 1)
  const id = await trained({ ...project, training: { ...project.training, batchSize: 256 } })
  const request: EvaluationRequest = { runId: id, model: 'best', part: 'validation', folder: null }
  const result = await evaluated(request)
  const { best } = (await services.training.run(id)).state
  expect(result.images).toBe(2000)
  expect(result.accuracy).toBeCloseTo(best?.valAccuracy ?? NaN, 6)
  expect(result.perClass).toHaveLength(10)
  expect(await services.evaluation.changed(result.id)).toBe(false)
  const { images } = await services.evaluation.images(result.id, { kind: 'mistakes' }, 0, 3)
  // Every fifth digit is held out.
  for (const { file } of images) expect(Number(/\/(\d+)\.png$/.exec(file)?.[1]) % 5).toBe(4)
  const [png] = await services.evaluation.thumbnails(result.id, [images[0]!.index], 64, null)
  expect(await sharp(png!).metadata()).toMatchObject({ width: 28, height: 28 })
})

describe('files', () => {
  test('a report and tables; what is there is replaced only knowingly', async () => {
    const { id, images } = await evaluated(validation())
    const folder = temporaryFolder()
    const file = join(folder, 'report.html')
    await services.evaluation.writeReport(id, file, false, null)
    const page = readFileSync(file, 'utf8')
    expect(page).toContain('data:image/png;base64,')
    expect(page).toContain('<th scope="row">d1</th><td>dense</td><td>16</td>')
    expect(await services.evaluation.writeReport(id, file, false, null).catch(code)).toBe('FILE_EXISTS')
    await services.evaluation.writeReport(id, file, true, null)
    const tables = await services.evaluation.writeTables(id, join(folder, 'tables'), false)
    expect(tables.map((path) => path.slice(folder.length + 8))).toEqual([
      'measures.csv',
      'classes.csv',
      'confusion.csv',
      'predictions.csv',
    ])
    expect(
      readFileSync(tables[3] ?? '', 'utf8')
        .trim()
        .split('\r\n'),
    ).toHaveLength(images + 1)
    expect(await services.evaluation.writeTables(id, join(folder, 'tables'), false).catch(code)).toBe(
      'FILE_EXISTS',
    )
  })
})

describe('new images', () => {
  test('are sent in pieces, predicted and forgotten', async () => {
    const bytes = await plain(40, 30, [210, 210, 210]).png().toBuffer()
    await services.evaluation.upload('one', bytes.subarray(0, 50))
    await services.evaluation.upload('one', bytes.subarray(50))
    const { top, classes, problem, png, file } = await services.evaluation.predictUpload(
      'one',
      'a "new".png',
      runId,
      'best',
      null,
    )
    expect({ file, problem, best: top[0]?.class }).toEqual({
      file: 'a "new".png',
      problem: null,
      best: 'light',
    })
    // The model's classes in its order, and a probability for each.
    expect(classes).toEqual(['dark', 'light'])
    expect(top.map((one) => one.class).sort()).toEqual(classes)
    expect((await sharp(png!).metadata()).format).toBe('png')
    // Gone: the same name is an empty file now.
    expect(await services.evaluation.predictUpload('one', 'x.png', runId, 'last', null)).toMatchObject({
      top: [],
      png: null,
      problem: expect.stringContaining('empty') as string,
    })
  })

  test('their table is written as it was sent, and replaced only knowingly', async () => {
    const folder = join(temporaryFolder(), 'new')
    const file = await services.evaluation.writeNewImages('a\r\n', folder, false)
    expect(file).toBe(join(folder, 'new-images.csv'))
    expect(await services.evaluation.writeNewImages('b\r\n', folder, false).catch(code)).toBe('FILE_EXISTS')
    expect(readFileSync(file, 'utf8')).toBe('a\r\n')
    await services.evaluation.writeNewImages('b\r\n', folder, true)
    expect(readFileSync(file, 'utf8')).toBe('b\r\n')
  })

  test('a raster of many bands is shown by three of them', async () => {
    const pool = new DecodePool({ start: startNodeDecoder, most: 1 })
    const fixtures = join(import.meta.dirname, '../../fixtures/images')
    for (const name of ['u16-sentinel.tif', 'f32-nan.tif', 'u8-five-bands-zstd.tif', 'grey16.png']) {
      const png = await fileThumbnail(pool, join(fixtures, name), 24, usualDisplay)
      const { channels, isOpaque } = await sharp(png)
        .stats()
        .then(({ channels, isOpaque }) => ({ channels, isOpaque }))
      expect(isOpaque).toBe(true)
      expect(Math.max(...channels.map(({ max, min }) => max - min)), name).toBeGreaterThan(50)
    }
    pool.dispose()
  })

  test('what is no image says why; pieces have a size', async () => {
    await services.evaluation.upload('two', Buffer.from('hello'))
    const { problem } = await services.evaluation.predictUpload('two', 'hello.txt', runId, 'best', null)
    expect(problem).toMatch(/not a .*PNG/)
    const large = new Uint8Array(9 * 2 ** 20)
    expect(await services.evaluation.upload('three', large).catch(code)).toBe('ARGUMENT_INVALID')
    expect(await services.evaluation.upload('../four', new Uint8Array(1)).catch(code)).toBe(
      'ARGUMENT_INVALID',
    )
  })
})
