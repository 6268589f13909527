import { Worker, type MessagePort } from 'node:worker_threads'
import type {
  EngineCommand,
  EngineEvent,
  Forecast,
  ForecastCommand,
  InferCommand,
  ProbeResult,
  SearchRateCommand,
  TrainCommand,
  TrainerState,
  VaryCommand,
} from '#shared/engine/protocol'
import type { ImageSet, ImageStream, NamedTensor } from '#shared/engine/tensors'
import type { Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import type { RateCurve, RateSearch } from '#shared/training/rateSearch'
import { positionOf, positionText } from '#shared/training/position'
import { workerFile } from '../engine/workerFile'
import type { GpuLender } from './gpuLender'

type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>

/** What a training tells while it runs. */
export type TrainEvent = EventOf<'started' | 'progress' | 'checkpoint' | 'epoch' | 'paused' | 'resumed'>

interface Training {
  command: TrainCommand
  /** The newest that was told of: where the run goes on in another thread. */
  state: TrainerState | null
  /** A stop was asked for. */
  stopping: boolean
  /** A pause was asked for, and is not over. */
  pausing: boolean
  /** How often the run was started again. */
  restarts: number
  onEvent(event: TrainEvent): void
  resolve(event: EventOf<'finished'>): void
  reject(error: InterlockError): void
}

type Answer = EventOf<'inferred' | 'initialised' | 'varied' | 'probed' | 'forecast' | 'rateSearched'>

interface Request {
  resolve(event: Answer): void
  reject(error: InterlockError): void
  /** Of a search, on its way. */
  onTried: ((curve: RateCurve) => void) | undefined
}

/** A thread that dies more often in one run will not bring it to its end. */
const mostRestarts = 3

/**
 * Talks to the engine's worker thread through its protocol. The thread is started with the first command and again after it
 * died. A training then goes on in the new one from its newest state; everything else rejects with ENGINE_STOPPED.
 */
export class EngineClient {
  private worker: Worker | null = null
  private training: Training | null = null
  private readonly requests = new Map<string, Request>()
  private nextRequest = 1
  private disposed = false

  /** `gpu`: where the engine's thread finds WebGPU when it cannot open a device itself. */
  constructor(private readonly gpu: GpuLender | null = null) {
    gpu?.onRenewed(() => {
      if (this.worker) this.lendGpu(this.worker)
    })
  }

  /** Answers when the run has ended by itself or by {@link stop}. Rejects with the engine's error. One at a time. */
  train(command: TrainCommand, onEvent: (event: TrainEvent) => void): Promise<EventOf<'finished'>> {
    return new Promise((resolve, reject) => {
      this.requireOpen()
      const { state } = command
      this.training = {
        ...{ command, state, stopping: false, pausing: false, restarts: 0 },
        ...{ onEvent, resolve, reject },
      }
      this.post(command, portsOf([command.trainingImages, command.validationImages]))
    })
  }

  /** Asks a run to stop after the step it is in; its `train` then answers `stopped`. */
  stop(runId: string): void {
    const { training } = this
    if (training?.command.runId !== runId) return
    training.stopping = true
    this.post({ type: 'stop', runId })
  }

  /** Lets a run wait after the step it is in, until {@link resume} or {@link stop}. */
  pause(runId: string): void {
    this.setPausing(runId, true)
  }

  resume(runId: string): void {
    this.setPausing(runId, false)
  }

  private setPausing(runId: string, pausing: boolean): void {
    const { training } = this
    if (training?.command.runId !== runId) return
    training.pausing = pausing
    this.post({ type: pausing ? 'pause' : 'resume', runId })
  }

  async infer(command: Omit<InferCommand, 'type' | 'requestId'>): Promise<EventOf<'inferred'>> {
    const event = await this.request((requestId) => ({ type: 'infer', requestId, ...command }))
    if (event.type !== 'inferred') throw unexpected(event)
    return event
  }

  /** Fresh weights, as a training with this seed would start with. */
  async initialise(graph: Graph, seed: number): Promise<NamedTensor[]> {
    const event = await this.request((requestId) => ({ type: 'initialise', requestId, graph, seed }))
    if (event.type !== 'initialised') throw unexpected(event)
    return event.weights
  }

  /** What a training would take; null when a newer forecast or a training called it off. */
  async forecast(command: Omit<ForecastCommand, 'type' | 'requestId'>): Promise<Forecast | null> {
    const event = await this.request((requestId) => ({ type: 'forecast', requestId, ...command }))
    if (event.type !== 'forecast') throw unexpected(event)
    return event.result
  }

  /** Null when `signal` or a training called it off. */
  async searchRate(
    command: Omit<SearchRateCommand, 'type' | 'requestId'>,
    { signal, onTried }: { signal: AbortSignal; onTried(curve: RateCurve): void },
  ): Promise<RateSearch | null> {
    let id = ''
    const searching = this.request(
      (requestId) => ({ type: 'searchRate', requestId: (id = requestId), ...command }),
      { onTried, transfer: portsOf([command.trainingImages]) },
    )
    const callOff = (): void => this.post({ type: 'callOff', requestId: id })
    signal.addEventListener('abort', callOff)
    try {
      const event = await searching
      if (event.type !== 'rateSearched') throw unexpected(event)
      return event.result
    } finally {
      signal.removeEventListener('abort', callOff)
    }
  }

  /** An image as a training would see it: `[epochs][height][width][channels]`, normalised. */
  async vary(command: Omit<VaryCommand, 'type' | 'requestId'>): Promise<Float32Array> {
    const event = await this.request((requestId) => ({ type: 'vary', requestId, ...command }))
    if (event.type !== 'varied') throw unexpected(event)
    return event.values
  }

  async probe(): Promise<ProbeResult> {
    const event = await this.request((requestId) => ({ type: 'probe', requestId }))
    if (event.type !== 'probed') throw unexpected(event)
    return event.result
  }

  /** Ends the thread; what it was doing rejects, and so does everything asked for later. */
  async dispose(): Promise<void> {
    this.disposed = true
    const { worker } = this
    if (worker === null) return
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage({ type: 'shutdown' } satisfies EngineCommand)
    const late = setTimeout(() => void worker.terminate(), 2000)
    await exited
    clearTimeout(late)
  }

  private request(
    command: (requestId: string) => EngineCommand,
    { onTried, transfer }: { onTried?: Request['onTried']; transfer?: readonly MessagePort[] } = {},
  ): Promise<Answer> {
    const requestId = `request-${this.nextRequest++}`
    return new Promise((resolve, reject) => {
      this.requireOpen()
      this.requests.set(requestId, { resolve, reject, onTried })
      this.post(command(requestId), transfer)
    })
  }

  /** A thread that is started after the end would keep the process alive for ever. */
  private requireOpen(): void {
    if (this.disposed) throw new InterlockError('ENGINE_STOPPED', { problem: 'Interlock is being closed' })
  }

  private post(command: EngineCommand, transfer: readonly MessagePort[] = []): void {
    this.worker ??= this.start()
    this.worker.postMessage(command, transfer)
  }

  private lendGpu(worker: Worker): void {
    if (this.gpu === null) return
    const port = this.gpu.openPort()
    worker.postMessage({ type: 'lendGpu', port } satisfies EngineCommand, [port])
  }

  private start(): Worker {
    const worker = new Worker(workerFile('engineWorker'))
    this.lendGpu(worker)
    let problem = 'the engine thread ended'
    worker.on('message', (event: EngineEvent) => this.receive(event))
    worker.on('error', (error) => (problem = error instanceof Error ? error.message : String(error)))
    worker.on('exit', (code) => {
      if (this.worker === worker) this.worker = null
      this.fail(
        new InterlockError('ENGINE_STOPPED', {
          problem: code === 0 ? problem : `${problem} (exit code ${code})`,
        }),
      )
    })
    return worker
  }

  private receive(event: EngineEvent): void {
    switch (event.type) {
      case 'ready':
        return
      case 'started':
      case 'progress':
      case 'checkpoint':
      case 'epoch':
      case 'paused':
      case 'resumed': {
        const { training } = this
        if (training?.command.runId !== event.runId) return
        if ('state' in event) training.state = event.state
        training.onEvent(event)
        return
      }
      case 'finished':
        this.endTraining(event.runId)?.resolve(event)
        return
      case 'failed':
        this.endTraining(event.runId)?.reject(InterlockError.fromData(event.error))
        return
      case 'inferred':
      case 'initialised':
      case 'varied':
      case 'probed':
      case 'forecast':
      case 'rateSearched':
        this.endRequest(event.requestId)?.resolve(event)
        return
      case 'rateTried':
        this.requests.get(event.requestId)?.onTried?.(event.curve)
        return
      case 'requestFailed':
        this.endRequest(event.requestId)?.reject(InterlockError.fromData(event.error))
    }
  }

  private endTraining(runId: string): Training | null {
    const { training } = this
    if (training?.command.runId !== runId) return null
    this.training = null
    return training
  }

  private endRequest(requestId: string): Request | undefined {
    const request = this.requests.get(requestId)
    this.requests.delete(requestId)
    return request
  }

  /** The thread is gone: requests fail, a training goes on in another thread. */
  private fail(error: InterlockError): void {
    const { training } = this
    const requests = [...this.requests.values()]
    this.requests.clear()
    for (const request of requests) request.reject(error)
    if (training !== null) this.restart(training, error)
  }

  private restart(training: Training, error: InterlockError): void {
    const { command, state } = training
    if (training.stopping && state !== null) {
      this.endTraining(command.runId)
      training.resolve({ type: 'finished', runId: command.runId, reason: 'stopped', state })
    } else if (
      this.disposed ||
      training.stopping ||
      training.restarts === mostRestarts ||
      isStreamed(command)
    ) {
      this.endTraining(command.runId)
      training.reject(error)
    } else {
      training.restarts++
      const position = state === null ? 'its start' : positionText(positionOf(state))
      const interruption = `The engine was started again (${error.details['problem']}), the run goes on from ${position}.`
      this.post({ ...command, state, interruption })
      if (training.pausing) this.pause(command.runId)
    }
  }
}

/** Images that are read while they are trained on came over a line that ended with the thread. */
function isStreamed({ trainingImages, validationImages }: TrainCommand): boolean {
  return 'ring' in trainingImages || 'ring' in validationImages
}

/** The lines over which images are read ahead, which move to the engine's thread. */
function portsOf(sets: readonly (ImageSet | ImageStream)[]): MessagePort[] {
  const ports = sets.flatMap((images) => ('ring' in images ? [images.port] : []))
  return ports as unknown as MessagePort[]
}

function unexpected({ type }: EngineEvent): InterlockError {
  return new InterlockError('INTERNAL', { problem: `the engine answered ${type}` })
}
