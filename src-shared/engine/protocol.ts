/**
 * What services say to the engine's worker thread, and what it answers. Both are discriminated unions of plain data.
 * Progress is batched by the engine to at most about 10 messages a second.
 */
import type { Graph } from '../graph/types'
import type { EventPort } from '../rpc/channel'
import type { EarlyStop, StoppingState } from '../training/earlyStopping'
import type { RateCurve, RateSearch } from '../training/rateSearch'
import type { PlateauState } from '../training/schedule'
import type { AugmentationSettings } from '../training/augmentation'
import type { TrainingSettings } from '../training/settings'
import type { ExecutorChoice, ExecutorInfo, ExecutorKind } from './executor'
import type { ImageSet, ImageStream, NamedTensor, Normalisation } from './tensors'
import type { InterlockErrorData } from '../issues/errors'

/** Everything needed to go on exactly where a run stood, bit for bit on the CPU. */
export interface TrainerState {
  /** Epochs done. */
  epoch: number
  /** Optimiser steps done. */
  step: number
  /** Weights by name, trained and not trained. */
  weights: NamedTensor[]
  /** The optimiser's moments (`moment1`, `moment2`), empty for plain SGD. */
  moments: NamedTensor[]
  /** Best epoch so far with its weights. */
  best: { epoch: number; valLoss: number; valAccuracy: number; weights: NamedTensor[] } | null
  /**
   * Only within epoch `epoch + 1`: its images done so far, with the sums of their losses and of the correct ones. Weights,
   * moments and `step` then are those of that moment, and going on gives what an unstopped run would give.
   */
  withinEpoch?: { images: number; loss: number; correct: number }
  /** What a schedule that watches the loss knows of the epochs done. */
  plateau?: PlateauState
  /** What early stopping knows of them. */
  stopping?: StoppingState
}

/** Mean values of one epoch. Training ones are running means over the epoch, in training mode. */
export interface EpochMetrics {
  /** From 1. */
  epoch: number
  loss: number
  accuracy: number
  valLoss: number
  valAccuracy: number
  imagesPerSecond: number
  /** Time of the epoch, validation included, pauses not. */
  seconds: number
  /** Of its last step. */
  learningRate?: number
  /** Optimiser steps of the run at its end. */
  steps?: number
  /** Share of the time of the training steps in which they waited for images, 0 … 1. */
  dataWait?: number
  /** Share of the training images that came from the cache, where some had to be decoded anew. */
  cacheHits?: number
  /** In the order of the network; runs of earlier versions do not know. */
  blocks?: BlockHealth[]
}

/** How a block is doing at the end of an epoch, or within a long one. */
export interface BlockHealth {
  blockId: string
  /** Its trained weights: how many, and the L2 norm of all of them; left out where it has none. */
  weights?: number
  weightNorm?: number
  /** L2 norm of their gradients in the last step, before clipping. */
  gradientNorm?: number
  /** Of the channels or units that leave its ReLU, the share that was 0 everywhere in some images; left out without ReLU, null where they could not be looked at. */
  dead?: number | null
}

export interface TrainCommand {
  type: 'train'
  runId: string
  graph: Graph
  training: TrainingSettings
  executor: ExecutorChoice
  /** CPU worker threads; null takes the machine's cores. */
  threads: number | null
  trainingImages: ImageSet | ImageStream
  validationImages: ImageSet | ImageStream
  normalisation: Normalisation
  /** One a class, as the training part and `training.classWeights` give them; null counts all alike. */
  classWeights: readonly number[] | null
  /** Continue from here; null starts with fresh weights from the seed. */
  state: TrainerState | null
  /** Within an epoch the state is told of (`checkpoint`) whenever so much time has passed, so that no more is ever lost. */
  checkpointSeconds: number
  /** What the run had to be started again for, a sentence or more; stands before the executor's reason. */
  interruption: string | null
}

/** Where a run goes on: what was told of later steps will be told again. */
export interface TrainerPosition {
  /** Epochs done. */
  epoch: number
  /** Optimiser steps done. */
  step: number
  /** Training images done within the next epoch. */
  images: number
}

export interface InferCommand {
  type: 'infer'
  requestId: string
  graph: Graph
  weights: NamedTensor[]
  normalisation: Normalisation
  images: ImageSet
  executor: ExecutorChoice
  threads: number | null
}

/** How an image may look to some epochs, for people to see. Computed by the reference of augmentation, whatever trains. */
export interface VaryCommand {
  type: 'vary'
  requestId: string
  /** The first is taken. */
  images: ImageSet
  normalisation: Normalisation
  augmentation: AugmentationSettings
  seed: number
  /** Its number in the training set. */
  image: number
  epochs: readonly number[]
}

/** What a training of this network would take. A newer one calls an older one off, and so does a training. */
export interface ForecastCommand {
  type: 'forecast'
  requestId: string
  graph: Graph
  training: TrainingSettings
  executor: ExecutorChoice
  threads: number | null
  images: { training: number; validation: number }
  /** Run a few steps to learn the time; else only the memory is worked out. */
  probe: boolean
}

/** A rising learning rate on fresh weights. Ends at its next step when a training starts, or by `callOff`. */
export interface SearchRateCommand {
  type: 'searchRate'
  requestId: string
  graph: Graph
  training: TrainingSettings
  executor: ExecutorChoice
  threads: number | null
  trainingImages: ImageSet | ImageStream
  normalisation: Normalisation
  classWeights: readonly number[] | null
}

export interface ForecastTime {
  executor: ExecutorInfo
  secondsPerStep: number
  /** Validation included. */
  secondsPerEpoch: number
}

export interface Forecast {
  /** All arenas of the plan for the batch; images and an executor's own scratch memory come on top. */
  bytes: number
  time: ForecastTime | null
}

export type EngineCommand =
  | TrainCommand
  | InferCommand
  | VaryCommand
  | ForecastCommand
  | SearchRateCommand
  | { type: 'callOff'; requestId: string }
  | { type: 'stop'; runId: string }
  /** Wait after the step under way, with everything kept; `resume` or `stop` ends it. */
  | { type: 'pause'; runId: string }
  | { type: 'resume'; runId: string }
  /** Fresh weights, as a training with this seed would start with. */
  | { type: 'initialise'; requestId: string; graph: Graph; seed: number }
  | { type: 'probe'; requestId: string }
  /** Take WebGPU from the other end of this port from now on; it is transferred. Sent by shells that cannot use Dawn. */
  | { type: 'lendGpu'; port: EventPort }
  | { type: 'shutdown' }

export interface ExecutorReport {
  kind: ExecutorKind
  available: boolean
  name: string
  software: boolean
  threads: number
  /** Why it is not available, or null. */
  problem: string | null
  /** How it computes, one sentence, where there is a choice. */
  note?: string
}

export interface ProbeResult {
  executors: ExecutorReport[]
  /** What `auto` takes on this machine, and why. */
  auto: ExecutorInfo
}

/** Consecutive steps, batched. Arrays have equal length; `steps[i]` counts from 1 over the whole run. */
export interface ProgressEvent {
  type: 'progress'
  runId: string
  epoch: number
  /** Training images done in this epoch, of `total`. */
  done: number
  total: number
  steps: Uint32Array
  losses: Float32Array
  /** Share of the step's images classified correctly. */
  accuracies: Float32Array
  imagesPerSecond: number
  /** Of the last of these steps. */
  learningRate: number
}

export type EngineEvent =
  | { type: 'ready' }
  /** Once, and again whenever an executor has taken over from one that failed. */
  | {
      type: 'started'
      runId: string
      executor: ExecutorInfo
      stepsPerEpoch: number
      /** Memory of the plan. */
      bytes: number
      from: TrainerPosition
    }
  | ProgressEvent
  /** Within an epoch. All its steps have been told before. `blocks` where a look at them takes little time. */
  | { type: 'checkpoint'; runId: string; state: TrainerState; blocks?: BlockHealth[] }
  | { type: 'epoch'; runId: string; metrics: EpochMetrics; state: TrainerState }
  /** Nothing is computed until it goes on. All its steps have been told before. */
  | { type: 'paused'; runId: string; state: TrainerState }
  | { type: 'resumed'; runId: string }
  | {
      type: 'finished'
      runId: string
      reason: 'completed' | 'stopped'
      state: TrainerState
      /** Completed before its last epoch. */
      early?: EarlyStop
    }
  | { type: 'failed'; runId: string; error: InterlockErrorData }
  | {
      type: 'inferred'
      requestId: string
      executor: ExecutorInfo
      /** `[count][classes]`. */
      probabilities: Float32Array
      classes: number
      /** Mean cross-entropy over images with a label; NaN where none has one. */
      loss: number
    }
  /** `[epochs][height][width][channels]`, normalised. */
  | { type: 'varied'; requestId: string; values: Float32Array }
  /** Null when it was called off. */
  | { type: 'forecast'; requestId: string; result: Forecast | null }
  /** The next steps of a search. */
  | { type: 'rateTried'; requestId: string; curve: RateCurve }
  /** Null when it was called off. */
  | { type: 'rateSearched'; requestId: string; result: RateSearch | null }
  | { type: 'initialised'; requestId: string; weights: NamedTensor[] }
  | { type: 'probed'; requestId: string; result: ProbeResult }
  | { type: 'requestFailed'; requestId: string; error: InterlockErrorData }
