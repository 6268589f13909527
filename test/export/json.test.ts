import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { NamedTensor } from '#shared/engine/tensors'
import { readModel } from '#shared/export/json'
import { packTensors, unpackTensors } from '#shared/export/weightsTable'
import { inferShapes } from '#shared/graph/inferShapes'
import { templateByName } from '#shared/templates/index'
import { EngineClient } from '../../src-main/services/engineClient'
import { inferImages, runnable } from '../../src-main/services/predictImages'
import { isHeldOutDigit, readDigits } from '../../src-main/storage/digits'
import { readModelFile, writeModelFile } from '../../src-main/storage/modelFile'
import { uniform } from '../../src-main/storage/split'
import { temporaryFolder } from '../unit/storage/testImages'

const engine = new EngineClient()
afterAll(() => engine.dispose())
const error = (thrown: unknown) => thrown as { code: string; message: string }

/** LeNet with weights from a seed, in a folder. */
async function writeLenet(folder: string): Promise<NamedTensor[]> {
  const { graph, training } = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
  const fit = inferShapes(graph)
  const random = uniform(3)
  const tensors = fit.blocks.flatMap(({ id, weights }) =>
    (weights ?? []).map(({ name, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1)
      const limit = 1 / Math.sqrt(shape.slice(0, -1).reduce((product, n) => product * n, 1))
      return {
        name: `${id}/${name}`,
        shape,
        data: Float32Array.from({ length: size }, () => (2 * random() - 1) * limit),
      }
    }),
  )
  const parts = {
    name: 'LeNet',
    graph,
    fits: fit.blocks,
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    preprocessing: {
      resize: 'stretch' as const,
      filter: 'bilinear-antialias',
      bands: ['grey'],
      mean: [0.13],
      std: [0.31],
    },
    training: {
      settings: training,
      split: null,
      images: { training: 8000, validation: 2000 },
      epoch: 1,
      bestEpoch: 1,
      loss: 1,
      accuracy: 0.5,
      valLoss: 1,
      valAccuracy: 0.5,
      executor: 'CPU',
      startedAt: '2026-11-23T00:00:00.000Z',
      versions: { interlock: '0.0.0' },
    },
  }
  await writeModelFile(folder, 'model.json', parts, tensors)
  return tensors
}

type Json = Record<string, never> & { graph: { blocks: Json[] }; weights: Json & { tensors: Json[] } }

/** The error of reading a model whose JSON was changed. */
async function afterChange(change: (model: Json) => void) {
  const folder = temporaryFolder()
  await writeLenet(folder)
  const file = join(folder, 'model.json')
  const model = JSON.parse(readFileSync(file, 'utf8')) as Json
  change(model)
  writeFileSync(file, JSON.stringify(model))
  return readModelFile(folder).then(() => null, error)
}

describe('model file', () => {
  test('spells out every setting and shape, and its weights come back bit for bit', async () => {
    const folder = temporaryFolder()
    const tensors = await writeLenet(folder)
    const { model, weights } = await readModelFile(join(folder, 'model.json'))
    expect(model.weights.byteLength).toBe(61_706 * 4)
    expect(model.weights.file).toBe(`weights-${model.weights.sha256.slice(0, 16)}.bin`)
    const [input, conv] = model.graph.blocks
    expect(input?.output).toEqual([28, 28, 1])
    expect(conv).toMatchObject({
      type: 'conv2d',
      output: [28, 28, 6],
      params: {
        filters: 6,
        kernelSize: 5,
        strides: 1,
        padding: 'same',
        dilation: 1,
        groups: 1,
        useBias: true,
        trainable: true,
      },
    })
    expect(weights).toEqual(tensors)
    expect(model.weights.tensors.every(({ byteOffset }) => byteOffset % 4 === 0)).toBe(true)
  })

  test('damaged or missing weights, other shapes, names and versions are told apart', async () => {
    const folder = temporaryFolder()
    await writeLenet(folder)
    const { model } = await readModelFile(folder)
    const file = join(folder, model.weights.file)
    const bytes = readFileSync(file)
    bytes[1000] = (bytes[1000] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect((await readModelFile(folder).catch(error)) as unknown).toMatchObject({
      code: 'MODEL_WEIGHTS_DAMAGED',
    })
    writeFileSync(file, bytes.subarray(0, 5000))
    expect((await readModelFile(folder).catch(error)) as unknown).toMatchObject({
      code: 'MODEL_WEIGHTS_DAMAGED',
    })
    expect((await readModelFile(join(folder, 'no.json')).catch(error)) as unknown).toMatchObject({
      code: 'FILE_NOT_FOUND',
    })

    expect(await afterChange((m) => Object.assign(m, { version: 3 }))).toMatchObject({ code: 'MODEL_NEWER' })
    const cases: [(model: Json) => unknown, RegExp][] = [
      [(m) => Object.assign(m, { format: 'other' }), /format is not/],
      [(m) => Object.assign(m, { extra: 1 }), /extra/],
      [(m) => Object.assign(m, { classes: ['a', 'b'] }), /classes has 2 names for 10 outputs/],
      [(m) => Object.assign(m.weights, { file: '../elsewhere.bin' }), /weights\.file/],
      [(m) => Object.assign(m.weights.tensors[0] ?? {}, { name: 'who/kernel' }), /no weight who\/kernel/],
      [
        (m) => Object.assign(m.weights.tensors[0] ?? {}, { shape: [5, 5, 6, 1] }),
        /conv2d_1\/kernel is 5×5×6×1/,
      ],
      [(m) => Object.assign(m.weights.tensors[0] ?? {}, { byteOffset: 2 }), /byteOffset/],
    ]
    for (const [change, message] of cases) {
      const failure = await afterChange(change)
      expect(failure?.code).toBe('MODEL_INVALID')
      expect(failure?.message).toMatch(message)
    }
    expect(() => readModel('{ "format": ', 'm.json')).toThrow(/m\.json.*not valid JSON/)
  })

  test('replacing a model removes the weights it replaces, and only those', async () => {
    const folder = temporaryFolder()
    await writeLenet(folder)
    const { model, graph, weights } = await readModelFile(folder)
    writeFileSync(join(folder, 'weights-0123456789abcdef.bin'), 'of somebody else')
    const changed = weights.map((tensor) => ({ ...tensor, data: tensor.data.map((value) => value + 1) }))
    const parts = { ...model, graph, fits: inferShapes(graph).blocks }
    const written = await writeModelFile(folder, 'model.json', parts, changed)
    expect(() => readFileSync(join(folder, model.weights.file))).toThrow(/ENOENT/)
    expect(readFileSync(join(folder, 'weights-0123456789abcdef.bin'), 'utf8')).toBe('of somebody else')
    expect((await readModelFile(folder)).model.weights.file).toBe(written[1])
  })
})

test('tensors survive packing, whatever they hold', () => {
  const data = Float32Array.of(0, -0, 1e-45, 3.4e38, Infinity, NaN)
  const { bytes, table } = packTensors([
    { name: 'a', shape: [2, 3], data },
    { name: 'b', shape: [1], data: Float32Array.of(7) },
  ])
  expect([...bytes.subarray(24)]).toEqual([0, 0, 0xe0, 0x40])
  const [a, b] = unpackTensors(bytes, table)
  expect(new Uint8Array((a as NamedTensor).data.buffer)).toEqual(new Uint8Array(data.buffer))
  expect(b).toEqual({ name: 'b', shape: [1], data: Float32Array.of(7) })
  expect(() => unpackTensors(bytes.subarray(0, 20), table)).toThrow(/a reaches beyond/)
})

const python = ['/usr/bin/python3', 'python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0,
)

test.skipIf(python === undefined)(
  'the short Python reader of the README gives the same probabilities (skipped without numpy)',
  async () => {
    const folder = temporaryFolder()
    await writeLenet(folder)
    const stored = await readModelFile(folder)
    const { images } = await readDigits()
    const chosen = Array.from(images.labels.keys()).filter((i) => isHeldOutDigit(i) && i % 97 === 0)
    const pixels = Uint8Array.from(chosen.flatMap((i) => [...images.pixels.subarray(i * 784, (i + 1) * 784)]))
    const set = { ...images, count: chosen.length, pixels, labels: new Int32Array(chosen.length).fill(-1) }
    const { probabilities } = await inferImages(engine, runnable(stored), set, {
      executor: 'cpu',
      threads: 1,
    })

    const readme = readFileSync(join(import.meta.dirname, '../../src-shared/export/README.md'), 'utf8')
    const script = join(folder, 'reader.py')
    writeFileSync(script, /```python\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')
    writeFileSync(join(folder, 'images.raw'), pixels)
    const output = execFileSync(python ?? '', [
      script,
      join(folder, 'model.json'),
      join(folder, 'images.raw'),
    ])
    const theirs = (JSON.parse(output.toString()) as number[][]).flat()
    expect(theirs).toHaveLength(chosen.length * 10)
    theirs.forEach((value, i) => expect(Math.abs(value - (probabilities[i] ?? NaN))).toBeLessThan(1e-5))
  },
)
