/** A training with a real executor, watched: for tests of what happens to it when parts of the machine fail. */
import { expect } from 'vitest'
import type { Executor, ExecutorChoice } from '#shared/engine/executor'
import type { EngineEvent, TrainCommand } from '#shared/engine/protocol'
import { trainingSchema } from '#shared/training/settings'
import { Trainer } from '../../src-main/engine/trainer'
import { chain } from '../plan/graphs'
import { createRandom, randomImages } from './random'

type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>

/** Convolution, batch statistics and dropout: moments, moving statistics and the random stream all count. */
export function trainCommand(more: Partial<TrainCommand> = {}): TrainCommand {
  return {
    type: 'train',
    runId: 'run',
    graph: chain(
      [12, 12, 1],
      [
        ['c1', 'conv2d', { filters: 4, activation: 'relu' }],
        ['bn', 'batchNorm'],
        ['flat', 'flatten'],
        ['drop', 'dropout', { rate: 0.2 }],
        ['d1', 'dense', { units: 3 }],
      ],
    ),
    // Whoever takes over must be told all of it.
    training: trainingSchema.parse({ epochs: 3, batchSize: 40, clipNorm: 1, labelSmoothing: 0.1 }),
    executor: 'auto',
    threads: 2,
    trainingImages: randomImages(createRandom(1), 1000, [12, 12, 1], 3),
    validationImages: randomImages(createRandom(2), 50, [12, 12, 1], 3),
    normalisation: { mean: [0.5], std: [0.25] },
    classWeights: [0.5, 1, 2],
    state: null,
    checkpointSeconds: 0,
    interruption: null,
    ...more,
  }
}

export interface Watched {
  events: EngineEvent[]
  finished: EventOf<'finished'>
}

export function ofType<T extends EngineEvent['type']>(events: readonly EngineEvent[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}

/** `onEvent` may break something. */
export async function watchTraining(
  command: TrainCommand,
  createExecutor: (choice: ExecutorChoice, threads: number | null) => Promise<Executor>,
  onEvent: (event: EngineEvent) => void = () => undefined,
): Promise<Watched> {
  const events: EngineEvent[] = []
  const emit = (event: EngineEvent): void => {
    events.push(event)
    onEvent(event)
  }
  const finished = await new Trainer(command, {
    createExecutor,
    emit,
    stopRequested: () => false,
    pause: () => null,
  }).run()
  return { events, finished }
}

/** Losses by step, without those that were made again: what windows and files keep. */
export function curveOf(events: readonly EngineEvent[]): { steps: number[]; losses: number[] } {
  let curve: { step: number; loss: number }[] = []
  for (const event of events) {
    if (event.type === 'started') curve = curve.filter(({ step }) => step <= event.from.step)
    if (event.type !== 'progress') continue
    event.steps.forEach((step, i) => curve.push({ step, loss: event.losses[i]! }))
  }
  return { steps: curve.map(({ step }) => step), losses: curve.map(({ loss }) => loss) }
}

/** What a run has come to, without the times. */
export function outcome({ events, finished }: Watched): unknown {
  const epochs = ofType(events, 'epoch').map(({ metrics }) => {
    const { epoch, loss, accuracy, valLoss, valAccuracy } = metrics
    return [epoch, loss, accuracy, valLoss, valAccuracy]
  })
  return { curve: curveOf(events), epochs, state: finished.state }
}

/** Every step once and as many as in the other run, at losses that differ by rounding only: for runs that change executors. */
export function expectSameCurve(run: Watched, other: Watched): void {
  const [found, wanted] = [curveOf(run.events), curveOf(other.events)]
  expect(found.steps).toEqual(wanted.losses.map((_, i) => i + 1))
  const differences = found.losses.map((loss, i) => Math.abs(loss - wanted.losses[i]!))
  expect(Math.max(...differences)).toBeLessThan(1e-3)
  expect(run.finished.reason).toBe('completed')
  expect(run.finished.state.step).toBe(other.finished.state.step)
  const epochs = ({ events }: Watched) => ofType(events, 'epoch').map(({ metrics }) => metrics.epoch)
  expect(epochs(run)).toEqual(epochs(other))
}
