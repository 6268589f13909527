/**
 * The state of one run, and the pure function that both sides use to advance it. One union, no loose booleans.
 */
import type { ExecutorInfo } from '../engine/executor'
import type { BlockHealth, EpochMetrics, TrainerPosition } from '../engine/protocol'
import type { EarlyStop } from './earlyStopping'
import type { InterlockErrorData } from '../issues/errors'
import type { Part, SplitBlocks } from '../project/parts'
import type { DataSettings, ProjectFile } from '../project/schema'
import type { RunSeries } from './repeatSeeds'
import type { SplitPair } from './splitGap'

/** A block of consecutive training steps; arrays of equal length, `steps` count from 1 over the run. */
export interface StepCurve {
  steps: Uint32Array
  losses: Float32Array
  accuracies: Float32Array
}

export type RunPhase =
  | { kind: 'preparing'; message: string; done: number; total: number }
  | {
      kind: 'training'
      epoch: number
      done: number
      total: number
      imagesPerSecond: number
      /** Of the newest step, once there is one. */
      learningRate?: number
    }
  /** A pause was asked for; the step under way is awaited. */
  | { kind: 'pausing'; epoch: number; done: number; total: number }
  /** Nothing is computed; the state is saved. */
  | { kind: 'paused'; epoch: number; done: number; total: number }
  | { kind: 'stopping' }
  /** `early`: why not with the last epoch. */
  | { kind: 'completed'; early?: EarlyStop }
  | { kind: 'stopped' }
  | { kind: 'failed'; error: InterlockErrorData }

/** Where a run's images came from. */
export interface ImagesOrigin {
  /** Images that were in the cache. */
  cached: number
  decoded: number
  /** Of the decoded ones, those found damaged in the cache. */
  damaged: number
  /** They do not fit into memory and are read ahead of the training. */
  streamed: boolean
  /** Images whose file has another size than the network's input; runs of older versions do not tell. */
  resized?: number
}

/** How a run's images were split: those that were left when unreadable ones were skipped. */
export interface RunSplit {
  /** The class root below the source, with `/`; null for images that lie in no folder. */
  root: string | null
  by: DataSettings['splitBy']
  counts: Readonly<Record<Part, number>>
  /** What chance dealt by; null where it dealt nothing. */
  seed: number | null
  /** Of a split by folders or lists: their names. */
  names: readonly string[]
  blocks: SplitBlocks | null
  /** Other images that were validated on: their full path, or the sample. */
  validationSource: string | null
}

/** The run whose weights this one started with. */
export interface CarriedFrom {
  runId: string
  name: string
  /** Names of the weights that were taken over, and of those that started afresh. */
  carried: readonly string[]
  fresh: readonly string[]
}

export interface RunState {
  runId: string
  /** The project as it was when the run started (the running network is a snapshot). */
  project: ProjectFile
  /** Full path of the project's file; left out where it was never saved, and by runs of earlier versions. */
  projectFile?: string
  /** ISO 8601. */
  startedAt: string
  carriedFrom?: CarriedFrom
  /** Where it is one of several that differ by their seed only. */
  series?: RunSeries
  /** Where it is one of two that differ by their split only. */
  pair?: SplitPair
  phase: RunPhase
  executor: ExecutorInfo | null
  /** Memory that the network takes in training; null until it is known. */
  bytes: number | null
  classes: readonly string[]
  images: { training: number; validation: number } | null
  /** Null until it is known, and for runs of earlier versions. */
  split: RunSplit | null
  skipped: readonly { file: string; reason: string }[]
  /** Null while it is not known, and for images that are not decoded. */
  origin: ImagesOrigin | null
  curve: StepCurve
  epochs: readonly EpochMetrics[]
  /** How the blocks are doing within the epoch that is not done yet, where that is known. */
  within?: { epoch: number; blocks: readonly BlockHealth[] }
  best: { epoch: number; valLoss: number; valAccuracy: number } | null
}

/** Everything that can happen to a run, in the order it happens. */
export type RunEvent =
  | {
      type: 'created'
      runId: string
      project: ProjectFile
      projectFile?: string
      startedAt: string
      carriedFrom?: CarriedFrom
      series?: RunSeries
      pair?: SplitPair
      /** What a run that goes on had learnt before. */
      before?: Pick<RunState, 'curve' | 'epochs' | 'best'>
    }
  | { type: 'preparing'; runId: string; message: string; done: number; total: number }
  | { type: 'skipped'; runId: string; file: string; reason: string }
  | { type: 'images'; runId: string; origin: ImagesOrigin }
  /** Comes again when another executor takes over from one that failed, `from` where that had been safe. */
  | {
      type: 'started'
      runId: string
      executor: ExecutorInfo
      bytes: number
      classes: readonly string[]
      images: { training: number; validation: number }
      split: RunSplit
      from: TrainerPosition
    }
  | {
      type: 'progress'
      runId: string
      epoch: number
      done: number
      total: number
      imagesPerSecond: number
      learningRate: number
      curve: StepCurve
    }
  /** Within a long epoch. */
  | { type: 'blocks'; runId: string; epoch: number; blocks: readonly BlockHealth[] }
  | {
      type: 'epoch'
      runId: string
      metrics: EpochMetrics
      best: { epoch: number; valLoss: number; valAccuracy: number }
    }
  | { type: 'pausing'; runId: string }
  | { type: 'paused'; runId: string }
  | { type: 'resumed'; runId: string }
  | { type: 'stopping'; runId: string }
  | { type: 'finished'; runId: string; reason: 'completed' | 'stopped'; early?: EarlyStop }
  | { type: 'failed'; runId: string; error: InterlockErrorData }
  /** After the end of a run: the next one of its series could not start. */
  | { type: 'seriesBroken'; runId: string; error: InterlockErrorData }

/** Total: a new kind of phase says here whether the run still goes on. */
const active: Readonly<Record<RunPhase['kind'], boolean>> = {
  preparing: true,
  training: true,
  pausing: true,
  paused: true,
  stopping: true,
  completed: false,
  stopped: false,
  failed: false,
}

export const phaseKinds = Object.keys(active) as RunPhase['kind'][]

export function isActive(state: RunState): boolean {
  return active[state.phase.kind]
}

/** The phase of a run that trains, or is about to pause or to end: what was asked for stays. */
function onTheWay(now: RunPhase, at: Omit<Extract<RunPhase, { kind: 'training' }>, 'kind'>): RunPhase {
  if (now.kind === 'stopping') return now
  const { epoch, done, total } = at
  if (now.kind === 'pausing' || now.kind === 'paused') return { kind: now.kind, epoch, done, total }
  return { kind: 'training', ...at }
}

/** How many values of a buffer are in use; buffers made here have room for more. */
const used = new WeakMap<ArrayBufferLike, number>()

/**
 * `values` and `more` in one array. Like appending to a list: room doubles, so a long run copies each value a few times only,
 * not once an event. Earlier arrays over the same buffer keep their length, and a second append to one of them copies it.
 */
function append<T extends Uint32Array | Float32Array>(values: T, more: T): T {
  const TypedArray = values.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T
  const length = values.length + more.length
  const bytes = length * values.BYTES_PER_ELEMENT
  const fits = used.get(values.buffer) === values.length && bytes <= values.buffer.byteLength
  const buffer = fits ? values.buffer : new ArrayBuffer(Math.max(4096, bytes * 2))
  const joined = new TypedArray(buffer, 0, length)
  if (!fits) joined.set(values, 0)
  joined.set(more, values.length)
  used.set(buffer, length)
  return joined
}

function appendCurve(curve: StepCurve, more: StepCurve): StepCurve {
  return {
    steps: append(curve.steps, more.steps),
    losses: append(curve.losses, more.losses),
    accuracies: append(curve.accuracies, more.accuracies),
  }
}

/** A curve up to and with a step: what came after is made again. */
export function cutCurve({ steps, losses, accuracies }: StepCurve, last: number): StepCurve {
  let kept = steps.length
  while (kept > 0 && steps[kept - 1]! > last) kept--
  if (kept === steps.length) return { steps, losses, accuracies }
  return {
    steps: steps.subarray(0, kept),
    losses: losses.subarray(0, kept),
    accuracies: accuracies.subarray(0, kept),
  }
}

/** State of a run just created. */
export function createRun(event: Extract<RunEvent, { type: 'created' }>): RunState {
  return {
    runId: event.runId,
    project: event.project,
    ...(event.projectFile ? { projectFile: event.projectFile } : {}),
    startedAt: event.startedAt,
    ...(event.carriedFrom ? { carriedFrom: event.carriedFrom } : {}),
    ...(event.series ? { series: event.series } : {}),
    ...(event.pair ? { pair: event.pair } : {}),
    phase: { kind: 'preparing', message: '', done: 0, total: 0 },
    executor: null,
    bytes: null,
    classes: [],
    images: null,
    split: null,
    skipped: [],
    origin: null,
    curve: { steps: new Uint32Array(0), losses: new Float32Array(0), accuracies: new Float32Array(0) },
    epochs: [],
    best: null,
    ...event.before,
  }
}

/** The state after an event. Pure; events of other runs leave the state as it is. */
export function reduceRun(state: RunState, event: RunEvent): RunState {
  if (event.runId !== state.runId) return state
  switch (event.type) {
    case 'created':
      return createRun(event)
    case 'preparing':
      return {
        ...state,
        phase: { kind: 'preparing', message: event.message, done: event.done, total: event.total },
      }
    case 'skipped':
      return { ...state, skipped: [...state.skipped, { file: event.file, reason: event.reason }] }
    case 'images':
      return { ...state, origin: event.origin }
    case 'started': {
      const { within: _within, ...rest } = state
      return {
        ...rest,
        executor: event.executor,
        classes: event.classes,
        images: event.images,
        split: event.split,
        bytes: event.bytes,
        curve: cutCurve(state.curve, event.from.step),
        epochs: state.epochs.filter(({ epoch }) => epoch <= event.from.epoch),
        phase: onTheWay(state.phase, {
          epoch: event.from.epoch + 1,
          done: event.from.images,
          total: event.images.training,
          imagesPerSecond: 0,
        }),
      }
    }
    case 'progress':
      return {
        ...state,
        curve: appendCurve(state.curve, event.curve),
        phase: onTheWay(state.phase, {
          epoch: event.epoch,
          done: event.done,
          total: event.total,
          imagesPerSecond: event.imagesPerSecond,
          learningRate: event.learningRate,
        }),
      }
    case 'blocks':
      return { ...state, within: { epoch: event.epoch, blocks: event.blocks } }
    case 'epoch': {
      const { within: _within, ...rest } = state
      return { ...rest, epochs: [...state.epochs, event.metrics], best: event.best }
    }
    case 'pausing':
    case 'paused': {
      const { phase } = state
      if (phase.kind !== 'training' && phase.kind !== 'pausing') return state
      const { epoch, done, total } = phase
      return { ...state, phase: { kind: event.type, epoch, done, total } }
    }
    case 'resumed': {
      const { phase } = state
      if (phase.kind !== 'pausing' && phase.kind !== 'paused') return state
      return { ...state, phase: { ...phase, kind: 'training', imagesPerSecond: 0 } }
    }
    case 'stopping':
      return { ...state, phase: { kind: 'stopping' } }
    case 'finished':
      return { ...state, phase: { kind: event.reason, ...(event.early ? { early: event.early } : {}) } }
    case 'failed':
      return { ...state, phase: { kind: 'failed', error: event.error } }
    case 'seriesBroken':
      if (state.pair) return { ...state, pair: { ...state.pair, broken: event.error } }
      return state.series ? { ...state, series: { ...state.series, broken: event.error } } : state
  }
}
