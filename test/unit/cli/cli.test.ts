/** The built command line as people call it: exit codes, what goes to which stream, and the JSON that cli.md fixes. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serialiseProject } from '#shared/project/serialiseProject'
import { noise, put } from '../storage/testImages'
import { tiffFile } from '../storage/tiffFile'
import { classFolder, landscape, landscapeProject, smallProject } from '../services/smallProjects'

const entry = join(import.meta.dirname, '../../../out/main/index.js')
const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'))
const env = { ...process.env, INTERLOCK_HOME: join(folder, 'home') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a command in the test's folder. `during` sees stdout so far, e.g. to interrupt. */
function cli(
  args: readonly string[],
  during?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], { cwd: folder, env })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      during?.(stdout, (signal) => child.kill(signal))
    })
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

const lines = (text: string) => text.trim().split('\n')
const jsonLines = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>)

beforeAll(async () => {
  const data = await classFolder(join(folder, 'data'), ['dark', 'light'], 20)
  put(data, 'dark/cut.jpg', (await noise(64, 64).jpeg().toBuffer()).subarray(0, 2000))
  writeFileSync(join(folder, 'small.json'), JSON.stringify(smallProject('data', 2, 30)))
})

describe('usage', () => {
  test.each([
    [
      [],
      /Expected a command: check, train, find-lr, evaluate, predict, map, export, template, sample, serve, cache, doctor/,
    ],
    [['bake'], /no command bake\. Commands: check, train/],
    [['check'], /missing required argument/],
    [['check', 'small.json', '--colour'], /unknown option '--colour'/],
    [['check', 'none.json'], /nothing at none\.json/],
    [['train', 'small.json', '--epochs', 'ten'], /--epochs.*whole number/],
    [['train', 'small.json', '--lr', '-1'], /above 0/],
    [['train', 'small.json', '--executor', 'abacus'], /abacus/],
    [['train', 'small.json', '--resume'], /--out/],
    [['template', 'vgg-99'], /no template vgg-99\. Templates: lenet/],
    [['template', 'lenet', '--input', '28x28'], /HEIGHTxWIDTHxBANDS/],
    [['evaluate', 'none', '--data', 'data'], /nothing at none/],
  ])('%j: exit 2, one line', async (args, message) => {
    const { code, stdout, stderr } = await cli(args)
    expect(stderr).toMatch(message)
    expect(lines(stderr)).toHaveLength(1)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('help is a result', async () => {
    const { code, stdout } = await cli(['train', '--help'])
    expect(stdout).toMatch(/--resume/)
    expect(code).toBe(0)
  })
})

describe('template and check', () => {
  test('LeNet: 61,706 parameters, 416,520 multiply-adds, no issue', async () => {
    const written = await cli(['template', 'lenet', '--out', 'lenet.json'])
    expect(written).toMatchObject({ code: 0, stdout: '' })
    const { code, stdout } = await cli(['check', 'lenet.json', '--json'])
    expect(code).toBe(0)
    const report = JSON.parse(stdout) as { blocks: Record<string, unknown>[] }
    expect(Object.keys(report)).toEqual(['fits', 'totals', 'blocks', 'issues'])
    expect(report).toMatchObject({
      fits: true,
      totals: { params: 61_706, trainable: 61_706, macs: 416_520 },
      issues: [],
    })
    expect(report.blocks[1]).toEqual({
      id: expect.any(String) as string,
      type: 'conv2d',
      output: [28, 28, 6],
      params: 156,
      trainable: 156,
      macs: 117_600,
      receptiveField: { size: [5, 5], stride: [1, 1], start: [-2, -2] },
    })
  })

  test('templates are listed, and written to stdout without --out', async () => {
    const { stdout } = await cli(['template'])
    for (const name of ['lenet', 'mlp', 'vgg-small', 'resnet-small', 'lecture-lego'])
      expect(stdout).toContain(`${name} `)
    const project = JSON.parse(
      (await cli(['template', 'mlp', '--input', '9x8x3', '--classes', '4'])).stdout,
    ) as {
      graph: { blocks: { params?: unknown }[] }
    }
    expect(project.graph.blocks[0]?.params).toEqual({ height: 9, width: 8, channels: 3 })
  })

  test('a template fitted to a folder trains on it as it stands', async () => {
    const { stderr, code } = await cli(['template', 'mlp', '--data', 'data', '--out', 'fitted.json'])
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('12×12×3, 2 classes') as string,
    })
    const { stdout } = await cli(['check', 'fitted.json', '--data', 'data', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      fits: true,
      data: {
        bands: 3,
        colour: true,
        classes: [
          { name: 'dark', count: 21 },
          { name: 'light', count: 20 },
        ],
      },
    })
  })

  test('what does not fit: exit 1, the reason and a repair', async () => {
    const project = smallProject(null, 2)
    const graph = {
      ...project.graph,
      blocks: project.graph.blocks.filter(({ id }) => id !== 'flat'),
      connections: [{ from: 'in', to: 'd1' }, ...project.graph.connections.slice(2)],
    }
    writeFileSync(join(folder, 'unfit.json'), JSON.stringify({ ...project, graph }))
    const { code, stdout } = await cli(['check', 'unfit.json', '--json'])
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as {
      totals: unknown
      issues: { code: string; repairs: { result: unknown }[] }[]
    }
    expect(report.totals).toEqual({ params: null, trainable: null, macs: null })
    const issue = report.issues.find((one) => one.code === 'DENSE_NEEDS_VECTOR')
    expect(issue).toMatchObject({ severity: 'error', blockId: 'd1' })
    expect(issue?.repairs.length).toBeGreaterThan(0)
    expect(Object.keys(issue?.repairs[0] ?? {})).toEqual(['label', 'result'])
    const text = await cli(['check', 'unfit.json'])
    expect(text).toMatchObject({ code: 1, stdout: expect.stringContaining('repair:') as string })
    expect(await cli(['train', 'unfit.json', '--data', 'data'])).toMatchObject({ code: 1, stdout: '' })
  })

  test('wrong files: each its own line', async () => {
    writeFileSync(join(folder, 'bad1.json'), '{ "format": ')
    writeFileSync(join(folder, 'bad2.json'), JSON.stringify({ ...smallProject(null, 2), zoom: 1 }))
    writeFileSync(join(folder, 'bad3.json'), JSON.stringify({ ...smallProject(null, 2), version: 9 }))
    for (const [file, message] of [
      ['bad1.json', /not valid JSON.*line 1/],
      ['bad2.json', /zoom/],
      ['bad3.json', /version 9/],
    ] as const) {
      const { code, stderr } = await cli(['check', file])
      expect(stderr).toMatch(message)
      expect(code).toBe(2)
    }
  })
})

describe('train, evaluate, predict, export', () => {
  test('the events of cli.md, and the files', async () => {
    const { code, stdout, stderr } = await cli([
      'train',
      'small.json',
      '--data',
      'data',
      '--epochs',
      '40',
      '--seed',
      '3',
      '--threads',
      '1',
      '--out',
      'run',
      '--json',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const events = jsonLines(stdout)
    const skipped = events.filter(({ event }) => event === 'skipped')
    expect(skipped).toEqual([
      {
        event: 'skipped',
        file: join(folder, 'data/dark/cut.jpg'),
        reason: expect.stringMatching(/truncated/) as string,
      },
    ])
    expect(events.find(({ event }) => event === 'start')).toEqual({
      event: 'start',
      executor: expect.stringMatching(/cpu|webgpu/) as string,
      threads: 1,
      reason: expect.stringMatching(/./) as string,
      memoryBytes: expect.any(Number) as number,
      from: { epoch: 0, step: 0, images: 0 },
      images: 32,
      validationImages: 8,
      classes: ['dark', 'light'],
      root: '.',
      split: {
        by: 'seed',
        counts: { training: 32, validation: 8, test: 0 },
        seed: 1,
        validationSource: null,
      },
      origin: { cached: 0, decoded: 40, damaged: 0, resized: 40, streamed: false },
      warnings: [],
    })
    const epochs = events.filter(({ event }) => event === 'epoch')
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(Object.keys(epochs[0] ?? {})).toEqual([
      'event',
      'epoch',
      'loss',
      'accuracy',
      'valLoss',
      'valAccuracy',
      'imagesPerSecond',
      'seconds',
      'learningRate',
      'steps',
      'dataWait',
    ])
    const done = events.at(-1) as { best: { valAccuracy: number } }
    expect(done).toEqual({
      event: 'done',
      out: join(folder, 'run'),
      best: {
        epoch: expect.any(Number) as number,
        valLoss: expect.any(Number) as number,
        valAccuracy: expect.any(Number) as number,
      },
    })
    expect(done.best.valAccuracy).toBeGreaterThan(0.9)
    expect(readdirSync(join(folder, 'run'))).toEqual(
      expect.arrayContaining(['model.json', 'history.json', 'checkpoint.bin']),
    )
  })

  test('where the classes were found and how the images were split is said, also by folders and elsewhere', async () => {
    await classFolder(join(folder, 'parts/deep/train'), ['dark', 'light'], 6)
    await classFolder(join(folder, 'parts/deep/val'), ['dark', 'light'], 2)
    const short = ['--epochs', '1', '--threads', '1']
    const byFolders = await cli(['train', 'small.json', '--data', 'parts', '--out', 'parts-run', ...short])
    expect(byFolders.stderr).toContain('The classes are the folders in deep\n')
    expect(byFolders.stderr).toContain('Split by folders (train, val): 12 training, 4 validation, 0 test\n')
    expect(byFolders.stderr).not.toContain('Warning')
    // The same folders as classes.
    const asClasses = ['--data', 'parts', '--split', 'seed', '--out', 'classes-run', '--json', ...short]
    const warned = await cli(['train', 'small.json', ...asClasses])
    expect(warned.stderr).toMatch(/^Warning: the folders train, val count as classes\./m)
    expect(jsonLines(warned.stdout).find(({ event }) => event === 'start')).toMatchObject({
      root: 'deep',
      classes: ['train', 'val'],
      split: { by: 'seed', seed: 1, counts: { training: 13, validation: 3 } },
      warnings: [expect.stringContaining('train, val count as classes')],
    })
    expect((await cli(['check', 'small.json', '--data', 'parts', '--split', 'seed'])).stdout).toContain(
      'Warning: the folders train, val',
    )
    // Other images to validate on, which the run remembers.
    const own = ['--data', 'parts/deep/train', '--val', 'parts/deep/val', '--out', 'val-run', ...short]
    const elsewhere = await cli(['train', 'small.json', ...own])
    expect(elsewhere.stderr).toContain(
      `Split: 12 training, 4 validation, 0 test; validated on the images in ${join(folder, 'parts/deep/val')}\n`,
    )
    const kept = JSON.parse(readFileSync(join(folder, 'val-run/history.json'), 'utf8')) as {
      project: { data: { validationSource: string } }
      split: unknown
    }
    expect(kept.project.data.validationSource).toBe(join(folder, 'parts/deep/val'))
    expect(kept.split).toMatchObject({ seed: null, validationSource: join(folder, 'parts/deep/val') })
  })

  test('evaluate agrees with predict, file by file', async () => {
    const { stdout, stderr, code } = await cli(['evaluate', 'run/model.json', '--data', 'data', '--json'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/Skipped .*cut\.jpg/)
    const evaluation = JSON.parse(stdout) as {
      accuracy: number
      confusion: number[][]
      classes: string[]
      perClass: unknown[]
    }
    expect(Object.keys(evaluation)).toEqual(['accuracy', 'loss', 'classes', 'confusion', 'perClass'])
    expect(evaluation.perClass[0]).toEqual({
      class: 'dark',
      precision: expect.any(Number) as number,
      recall: expect.any(Number) as number,
      f1: expect.any(Number) as number,
      support: 20,
    })
    const files = ['dark', 'light'].flatMap((name) =>
      Array.from({ length: 20 }, (_, i) => join('data', name, `${String(i).padStart(3, '0')}.png`)),
    )
    const predicted = JSON.parse((await cli(['predict', 'run', ...files, '--json'])).stdout) as {
      file: string
      top: { class: string; probability: number }[]
    }[]
    expect(predicted.map(({ file }) => file)).toEqual(files)
    expect(Object.keys(predicted[0] ?? {})).toEqual(['file', 'top'])
    const confusion = evaluation.classes.map((truth, i) =>
      evaluation.classes.map(
        (name) =>
          predicted.slice(i * 20, (i + 1) * 20).filter(({ top }) => top[0]?.class === name && truth !== '')
            .length,
      ),
    )
    expect(confusion).toEqual(evaluation.confusion)
    for (const { top } of predicted)
      expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5)
  })

  test('evaluate writes a report and tables beside its answer', async () => {
    const args = [
      'evaluate',
      'run',
      '--data',
      'data',
      '--report',
      'out/report.html',
      '--csv',
      'tables',
      '--json',
    ]
    mkdirSync(join(folder, 'out'))
    const { stdout, stderr, code } = await cli(args)
    expect(code).toBe(0)
    expect(stderr).toMatch(/Report: .*report\.html/)
    const { accuracy, confusion } = JSON.parse(stdout) as { accuracy: number; confusion: number[][] }
    const page = readFileSync(join(folder, 'out/report.html'), 'utf8')
    expect(page).toContain(`<dd>${(accuracy * 100).toFixed(1)} %</dd>`)
    expect(page).toContain('<summary>1 file could not be read</summary>')
    const rows = readFileSync(join(folder, 'tables/confusion.csv'), 'utf8').trim().split('\r\n')
    expect(rows.slice(1).map((row) => row.split(',').slice(1).map(Number))).toEqual(confusion)
    expect(readdirSync(join(folder, 'tables')).sort()).toEqual([
      'classes.csv',
      'confusion.csv',
      'measures.csv',
      'predictions.csv',
    ])
    const refused = await cli(['evaluate', 'run', '--data', 'data', '--report', 'no/such/folder.html'])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/folder\.html cannot be written: the folder does not exist/)
  })

  test('predict names a file it cannot read and goes on', async () => {
    const { code, stdout, stderr } = await cli([
      'predict',
      'run',
      'data/dark/cut.jpg',
      'data/light/001.png',
      'nowhere.png',
      '--json',
    ])
    expect(code).toBe(2)
    expect(lines(stderr)).toHaveLength(2)
    const answers = JSON.parse(stdout) as { top: unknown[]; problem?: string }[]
    expect(answers.map(({ top }) => top.length)).toEqual([0, 2, 0])
    expect(answers[0]?.problem).toMatch(/truncated/)
  })

  test('predict says that a folder holds no images', async () => {
    mkdirSync(join(folder, 'nothing'))
    expect(await cli(['predict', 'run', 'nothing', '--json'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/no images to predict in nothing/) as string,
    })
  })

  test('export writes, reloads, compares; a project exports untrained; unknown formats are listed', async () => {
    const { code, stdout } = await cli(['export', 'run', '--format', 'json', '--out', 'exported', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'json',
      out: join(folder, 'exported'),
      verified: true,
      maxDifference: 0,
    })
    expect(readFileSync(join(folder, 'exported/model.json'), 'utf8')).toContain('interlock-model')
    const before = JSON.parse(
      (await cli(['predict', 'run', 'data/dark/003.png', '--json'])).stdout,
    ) as unknown
    expect(JSON.parse((await cli(['predict', 'exported', 'data/dark/003.png', '--json'])).stdout)).toEqual(
      before,
    )
    const untrained = await cli(['export', 'small.json', '--format', 'json', '--out', 'untrained'])
    expect(untrained).toMatchObject({ code: 0, stdout: expect.stringContaining('Verified') as string })
    expect(await cli(['export', 'run', '--format', 'docx', '--out', 'x'])).toMatchObject({
      code: 2,
      stderr: 'There is no format docx. Formats: json.\n',
    })
    expect(await cli(['export', 'run', '--format', 'json', '--out', 'small.json/below'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be written/) as string,
    })
  })

  test('Ctrl-C keeps everything, --resume goes on', async () => {
    const args = ['train', 'small.json', '--data', 'data', '--threads', '1', '--out', 'stopped', '--json']
    let interrupted = false
    const stopped = await cli([...args, '--epochs', '100000'], (stdout, kill) => {
      if (interrupted || !stdout.includes('"epoch":3')) return
      interrupted = true
      kill('SIGINT')
    })
    expect(stopped.code).toBe(0)
    expect(stopped.stderr).toMatch(/Stopping/)
    const done = jsonLines(stopped.stdout).at(-1)
    expect(done).toMatchObject({ event: 'done', stopped: true })
    expect(existsSync(join(folder, 'stopped/model.json'))).toBe(true)
    const reached = jsonLines(stopped.stdout).filter(({ event }) => event === 'epoch').length
    const resumed = await cli([...args, '--epochs', String(reached + 2), '--resume'])
    expect(jsonLines(resumed.stdout).flatMap(({ epoch }) => epoch ?? [])).toEqual([reached + 1, reached + 2])
    expect(await cli([...args, '--epochs', '1', '--resume'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/epochs asked for are done/) as string,
    })
    expect(await cli(['train', 'small.json', '--data', 'data', '--out', 'fresh', '--resume'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no checkpoint/) as string,
    })
  })

  test('--weights-from: a new run with the weights that fit an edited network, which are named', async () => {
    const { graph, ...rest } = smallProject('data', 2, 2)
    const blocks = graph.blocks.map((block) =>
      block.id === 'd1' ? { ...block, params: { ...block.params, units: 9 } } : block,
    )
    writeFileSync(join(folder, 'edited.json'), JSON.stringify({ ...rest, graph: { ...graph, blocks } }))
    const args = ['train', 'edited.json', '--data', 'data', '--threads', '1', '--out', 'edited', '--json']
    const { code, stdout } = await cli([...args, '--weights-from', 'run'])
    expect(code).toBe(0)
    expect(jsonLines(stdout)[0]).toEqual({
      event: 'weights',
      from: 'Small',
      carried: ['d2/bias'],
      fresh: ['d1/kernel', 'd1/bias', 'd2/kernel'],
    })
    expect(jsonLines(stdout).flatMap(({ epoch }) => epoch ?? [])).toEqual([1, 2])
    expect(await cli([...args, '--weights-from', 'nowhere'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /No weights can be taken over from .*nowhere: it holds no checkpoint/,
      ) as string,
    })
    expect(await cli([...args, '--resume', '--weights-from', 'run'])).toMatchObject({ code: 2 })
  })

  test('--repeat: runs with seeds that follow each other, each in its folder, and their spread', async () => {
    const args = ['train', 'small.json', '--data', 'data', '--threads', '1', '--epochs', '2']
    const { code, stdout } = await cli([...args, '--seed', '5', '--out', 'series', '--repeat', '3', '--json'])
    expect(code).toBe(0)
    const events = jsonLines(stdout)
    const series = events.pop()!
    expect(events.flatMap(({ event, run }) => (event === 'done' ? [run] : []))).toEqual([1, 2, 3])
    expect(events.flatMap(({ epoch, run }) => (epoch ? [[run, epoch]] : []))).toEqual(
      [1, 2, 3].flatMap((run) => [1, 2].map((epoch) => [run, epoch])),
    )
    const values = [5, 6, 7].map((seed) => {
      const file = join(folder, `series/seed-${seed}/history.json`)
      const history = JSON.parse(readFileSync(file, 'utf8')) as {
        project: { training: { seed: number } }
        best: { valAccuracy: number }
        series: object
      }
      expect(history.project.training.seed).toBe(seed)
      expect(history.series).toEqual({ id: 'series', index: seed - 4, count: 3 })
      return history.best.valAccuracy
    })
    expect(series).toMatchObject({
      event: 'series',
      runs: 3,
      metric: 'valAccuracy',
      seeds: [5, 6, 7],
      values,
    })
    const mean = values.reduce((sum, value) => sum + value, 0) / 3
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    expect(series['mean']).toBeCloseTo(mean, 12)
    expect(series['std']).toBeCloseTo(Math.sqrt(squares / 2), 12)
    // A single run with the last seed is that run.
    await cli([...args, '--seed', '7', '--out', 'seventh', '--json'])
    const losses = (out: string) => {
      const { epochs } = JSON.parse(readFileSync(join(folder, out, 'history.json'), 'utf8')) as {
        epochs: { loss: number }[]
      }
      return epochs.map(({ loss }) => loss)
    }
    expect(losses('series/seed-7')).toEqual(losses('seventh'))
    expect(await cli([...args, '--out', 'series', '--repeat', '2', '--resume'])).toMatchObject({ code: 2 })
    const text = await cli([...args, '--out', 'told', '--repeat', '2'])
    expect(text.stdout).toMatch(/2 of 2 runs: best validation accuracy [\d.]+ ?% ± [\d.]+ ?% \(from/)
    expect(text.stderr).toMatch(/Run 1 of 2, seed 1[\s\S]*Run 2 of 2, seed 2/)

    // The second run cannot have its folder: what the first came to is told all the same.
    put(folder, 'broken/seed-2', 'in the way')
    const broken = await cli([...args, '--out', 'broken', '--repeat', '3', '--json'])
    const told = jsonLines(broken.stdout).slice(-3)
    expect(told).toMatchObject([
      { event: 'done', run: 1 },
      { event: 'error', run: 2, code: 'FILE_UNWRITABLE', message: broken.stderr.trim() },
      { event: 'series', runs: 1, seeds: [1], stopped: true },
    ])
    expect(broken.code).toBe(2)
  })

  test('--compare-splits: by chance and by blocks, and how far they are apart', async () => {
    const project = landscapeProject(landscape(join(folder, 'landscape')))
    writeFileSync(join(folder, 'landscape.json'), serialiseProject(project))
    const short = ['train', 'landscape.json', '--compare-splits', '--epochs', '40', '--threads', '1']
    const { stdout, stderr, code } = await cli([...short, '--out', 'gap', '--json'])
    expect([code, stderr]).toEqual([0, ''])
    const events = jsonLines(stdout)
    const starts = events.filter(({ event }) => event === 'start')
    expect(starts.map(({ split }) => (split as { by: string }).by)).toEqual(['seed', 'blocks'])
    const told = events.at(-1) as Record<'seed' | 'blocks', { valAccuracy: number }> & { gap: number }
    expect(told).toMatchObject({ event: 'splits', splitSeed: 1, standardError: expect.any(Number) as number })
    expect(told.gap).toBe(told.seed.valAccuracy - told.blocks.valAccuracy)
    expect(told.gap).toBeGreaterThan(0.2)
    expect(readdirSync(join(folder, 'gap')).sort()).toEqual(['blocks', 'seed'])
    // The model of the blocks on images without a place: all are compared, and that is said.
    const image = tiffFile({ height: 8, width: 8, pixels: new Uint8Array(8 * 8 * 8) })
    for (const name of ['a', 'b']) put(folder, `unplaced/${name}/1.tif`, image)
    const other = await cli(['evaluate', 'gap/blocks', '--data', 'unplaced', '--json'])
    expect(other.code).toBe(0)
    expect(other.stderr).toMatch(
      /split by blocks\. This folder cannot be split so: its images do not say where/,
    )
    expect(JSON.parse(other.stdout)).toMatchObject({ warnings: [expect.stringContaining('split by blocks')] })
    const refused = await cli([...short, '--val', 'data'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('no --val beside it')])
  })

  test('text for people goes to stderr, the result to stdout', async () => {
    const { stdout, stderr } = await cli([
      'train',
      'small.json',
      '--data',
      'data',
      '--epochs',
      '2',
      '--out',
      'text',
    ])
    expect(stderr).toMatch(/Skipped .*cut\.jpg[\s\S]*Training on[\s\S]*Epoch 2: loss/)
    expect(stdout).toMatch(/^Done, best epoch \d: .*\n$/)
    expect((await cli(['evaluate', 'text', '--data', 'data'])).stdout).toMatch(/Accuracy[\s\S]*Confusion/)
  })

  test('data that is no data: exit 2; another class count: exit 1', async () => {
    put(folder, 'three/a/x.txt', 'x')
    put(folder, 'one/only/x.png', await noise(4, 4).png().toBuffer())
    await classFolder(join(folder, 'many'), ['a', 'b', 'c'], 2)
    for (const [data, code, message] of [
      ['nowhere', 2, /nothing at/],
      ['three', 2, /no class folders with images/],
      ['one', 2, /only one class \(only\)/],
      ['small.json', 2, /not a folder/],
      ['many', 1, /ends in 2 classes, the data has 3/],
    ] as const) {
      const ended = await cli(['train', 'small.json', '--data', data, '--out', 'refused'])
      expect(ended.stderr).toMatch(message)
      expect({ data, code: ended.code }).toEqual({ data, code })
    }
    expect(existsSync(join(folder, 'refused'))).toBe(false)
    expect(await cli(['train', 'small.json', '--data', 'data', '--out', 'small.json/run'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be written/) as string,
    })
  })

  test('sample writes the digits, doctor reports', async () => {
    const { code, stdout } = await cli(['sample', 'digits', '--out', 'digits', '--split', 'held-out'])
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2000 images/) as string,
    })
    const names = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
    const files = names.flatMap((name) => readdirSync(join(folder, 'digits', name)))
    expect(files).toHaveLength(2000)
    expect(files.every((file) => Number.parseInt(file, 10) % 5 === 4)).toBe(true)
    const report = JSON.parse((await cli(['doctor', '--json'])).stdout) as Record<string, unknown>
    expect(report).toMatchObject({
      auto: { kind: expect.stringMatching(/cpu|webgpu/) as string, reason: expect.any(String) as string },
      electron: { present: expect.any(Boolean) as boolean },
    })
    expect((report['executors'] as { kind: string }[]).map(({ kind }) => kind).sort()).toEqual([
      'cpu',
      'webgpu',
    ])
  })
})

const shared = join(import.meta.dirname, '../../../../shared/data/cifar10-small/test')
test.skipIf(!existsSync(shared))(
  'real JPEGs: ../shared/data/cifar10-small (skipped where it is not there)',
  async () => {
    expect((await cli(['template', 'mlp', '--data', shared, '--out', 'cifar.json'])).code).toBe(0)
    const { stdout, code } = await cli([
      'train',
      'cifar.json',
      '--data',
      shared,
      '--epochs',
      '1',
      '--out',
      'cifar',
      '--json',
    ])
    expect(code).toBe(0)
    expect(jsonLines(stdout)[0]).toMatchObject({ event: 'start', images: 800, validationImages: 200 })
  },
)

// Last: it fills the cache of images, which the events of a training count.
describe('find-lr', () => {
  test('prints the curve and its suggestion, and trains nothing', async () => {
    const { code, stdout, stderr } = await cli(['find-lr', 'small.json', '--executor', 'cpu', '--json'])
    expect([code, stderr]).toEqual([0, ''])
    const [found] = jsonLines(stdout) as [Record<'learningRates' | 'losses' | 'smoothed', number[]>]
    expect(found.learningRates[0]).toBe(1e-7)
    expect(found.losses).toHaveLength(found.learningRates.length)
    expect(found.smoothed).toHaveLength(found.learningRates.length)
    expect(found.learningRates).toContain((found as unknown as { suggestion: number }).suggestion)
    expect(readdirSync(folder)).not.toContain('runs')
    const text = await cli(['find-lr', 'small.json', '--executor', 'cpu', '--data', 'data'])
    expect(text.stdout).toMatch(
      /^Learning rate [\d.e-]+: there the loss falls steepest\. It is lowest at [\d.]+/,
    )
    const wrong = await cli(['find-lr', 'small.json', '--data', 'nowhere'])
    expect(wrong.code).toBe(2)
  })
})
