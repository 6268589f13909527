/** What is said of a run, from its figures; and of a network whose gradients really vanish. */
import { describe, expect, test } from 'vitest'
import type { BlockHealth, EngineEvent, EpochMetrics } from '#shared/engine/protocol'
import { newProject } from '#shared/project/newProject'
import { adviseRun } from '#shared/training/adviseRun'
import type { RunState } from '#shared/training/runState'
import { trainingSchema } from '#shared/training/settings'
import { createWasmExecutor } from '../../../src-main/engine/executors/wasm'
import { Trainer } from '../../../src-main/engine/trainer'
import { chain } from '../../plan/graphs'

type Asked = Parameters<typeof adviseRun>[0]

function epoch(number: number, more: Partial<EpochMetrics> = {}): EpochMetrics {
  const loss = 1 / number
  return {
    epoch: number,
    ...{ loss, accuracy: 0.8, valLoss: loss, valAccuracy: 0.8, imagesPerSecond: 100, seconds: 1 },
    ...more,
  }
}

function run(epochs: EpochMetrics[], more: Partial<Asked> = {}): Asked {
  const lowest = epochs.reduce<EpochMetrics | null>((a, b) => (a && a.valLoss <= b.valLoss ? a : b), null)
  const phase: RunState['phase'] = { kind: 'training', epoch: 4, done: 0, total: 10, imagesPerSecond: 100 }
  const best = lowest && { epoch: lowest.epoch, valLoss: lowest.valLoss, valAccuracy: lowest.valAccuracy }
  return { epochs, classes: ['a', 'b', 'c', 'd'], best, project: newProject(), phase, ...more }
}

const codes = (asked: Asked): string[] => adviseRun(asked).map(({ code }) => code)
const block = (blockId: string, gradientNorm: number, more: Partial<BlockHealth> = {}): BlockHealth => ({
  ...{ blockId, weights: 100, weightNorm: 10, gradientNorm },
  ...more,
})

describe('advice', () => {
  test('there is none before an epoch is done, nor for a run that goes well', () => {
    expect(codes(run([]))).toEqual([])
    expect(codes(run([epoch(1), epoch(2), epoch(3), epoch(4)]))).toEqual([])
  })

  test('a loss that stays at what guessing gives', () => {
    const guessing = { loss: Math.log(4) - 0.01, valLoss: Math.log(4) }
    expect(codes(run([epoch(1, guessing), epoch(2, guessing)]))).toEqual([])
    const [advice] = adviseRun(run([epoch(1, guessing), epoch(2, guessing), epoch(3, guessing)]))
    expect(advice).toMatchObject({ code: 'NOT_LEARNING', severity: 'warning' })
    expect(advice!.message).toContain('After 3 epochs the loss is 1.38; guessing gives 1.39.')
  })

  test('label smoothing lifts the training loss; the plain validation loss then decides', () => {
    const project = newProject({ training: { labelSmoothing: 0.3 } })
    const epochs = [1, 2, 3].map((n) => epoch(n, { loss: 1.38, valLoss: 0.9 - n / 10 }))
    expect(codes(run(epochs, { project }))).toEqual([])
  })

  test('within a long epoch the blocks are judged before any epoch is done', () => {
    const within = { epoch: 1, blocks: [block('c1', 1e-5, { dead: 0.9 }), block('d1', 1, { dead: null })] }
    expect(codes(run([], { within }))).toEqual(['VANISHING_GRADIENT', 'DEAD_RELUS'])
  })

  test('a training loss that jumps', () => {
    const [advice] = adviseRun(
      run([epoch(1, { loss: 0.4 }), epoch(2, { loss: 0.2 }), epoch(3, { loss: 0.31 })]),
    )
    expect(advice!.code).toBe('LOSS_JUMPED')
    expect(advice!.message).toContain('a learning rate of 0.00167')
    expect(codes(run([epoch(1, { loss: 0.4 }), epoch(2, { loss: 0.2 }), epoch(3, { loss: 0.29 })]))).toEqual(
      [],
    )
  })

  test('a gradient that grows out of what it was', () => {
    const blocks = (c: number) => ({ blocks: [block('c1', c), block('d1', 1)] })
    const epochs = [epoch(1, blocks(0.5)), epoch(2, blocks(0.7)), epoch(3, blocks(40))]
    expect(adviseRun(run(epochs))).toMatchObject([{ code: 'EXPLODING_GRADIENT', blockId: 'c1' }])
    expect(codes(run([...epochs.slice(0, 2), epoch(3, blocks(3))]))).toEqual([])
  })

  test('a first block whose gradient is lost on the way', () => {
    const blocks = (c: number) => ({ blocks: [block('c1', c), block('c2', 1, { dead: 0 }), block('d1', 1)] })
    expect(codes(run([epoch(1, blocks(0.01))]))).toEqual([])
    const [advice] = adviseRun(run([epoch(1, blocks(0.0001))]))
    expect(advice).toMatchObject({ code: 'VANISHING_GRADIENT', blockId: 'c1' })
    expect(advice!.message).toContain('gradient of c1 is 1.0e+4 times smaller than that of d1')
  })

  test('outputs that are zero for everything', () => {
    const blocks = [block('c1', 1, { dead: 0.5 }), block('d1', 1, { dead: 0.92 })]
    const [advice, ...more] = adviseRun(run([epoch(1, { blocks })]))
    expect(more).toEqual([])
    expect(advice).toMatchObject({ code: 'DEAD_RELUS', blockId: 'd1' })
    expect(advice!.message).toMatch(/^92 % of the outputs of d1/)
  })

  test('learning by heart', () => {
    const valLosses = [0.5, 0.4, 0.45, 0.5, 0.6]
    const epochs = valLosses.map((valLoss, i) => epoch(i + 1, { valLoss, loss: 0.5 / (i + 1) }))
    expect(codes(run(epochs.slice(0, 4)))).toEqual([])
    expect(codes(run(epochs))).toEqual(['OVERFITTING'])
  })

  test('a run that ended while it was still getting better', () => {
    const phase: RunState['phase'] = { kind: 'completed' }
    expect(codes(run([epoch(1), epoch(2)], { phase }))).toEqual(['STILL_IMPROVING'])
    expect(codes(run([epoch(1), epoch(2, { valLoss: 2 })], { phase }))).toEqual([])
  })
})

test('twelve sigmoid layers: the gradient that reaches the first really vanishes', async () => {
  const layers = Array.from({ length: 12 }, (_, i): [string, string, Record<string, unknown>] => [
    `d${i + 1}`,
    'dense',
    { units: 16, activation: 'sigmoid' },
  ])
  const graph = chain([4, 4, 1], [['flat', 'flatten', {}], ...layers, ['last', 'dense', { units: 2 }]])
  const count = 64
  const pixels = Uint8Array.from({ length: count * 16 }, (_, i) => (i * 7919) % 256)
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  const images = { count, height: 4, width: 4, channels: 1, pixels, labels }
  const training = { ...trainingSchema.parse({}), epochs: 1 }
  const events: EngineEvent[] = []
  const trainer = new Trainer(
    {
      ...{ type: 'train', runId: 'run', graph, training, executor: 'cpu', threads: 1 },
      ...{ trainingImages: images, validationImages: images, normalisation: { mean: [0.5], std: [0.3] } },
      ...{ classWeights: null, state: null, checkpointSeconds: 60, interruption: null },
    },
    {
      createExecutor: (_choice, threads) => createWasmExecutor({ threads }),
      emit: (event) => void events.push(event),
      stopRequested: () => false,
      pause: () => null,
    },
  )
  await trainer.run()
  const epochs = events.flatMap((event) => (event.type === 'epoch' ? [event.metrics] : []))
  const advice = adviseRun(run(epochs, { classes: ['a', 'b'], project: newProject({ graph }) }))
  expect(advice).toMatchObject([{ code: 'VANISHING_GRADIENT', blockId: 'd1' }])
})
