/** The engine's worker thread: takes commands, runs one training at a time, answers with events. */
import { parentPort } from 'node:worker_threads'
import type {
  EngineCommand,
  EngineEvent,
  ForecastCommand,
  InferCommand,
  SearchRateCommand,
  TrainCommand,
} from '#shared/engine/protocol'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { portChannel } from '#shared/rpc/channel'
import { chooseExecutor, probeExecutors } from './executors/choose'
import { useRemoteGpu } from './executors/webgpu'
import { forecast } from './forecast'
import { InferenceKeeper } from './inferenceKeeper'
import { initialiseWeights } from './initialiseWeights'
import { lowerGraph } from './plan/lowerGraph'
import { searchRate } from './searchRate'
import { Trainer } from './trainer'
import { varyExample } from './varyExample'

if (!parentPort) throw new Error('The engine runs in a worker thread.')
const port = parentPort
const emit = (event: EngineEvent): void => port.postMessage(event)

const inferences = new InferenceKeeper(chooseExecutor)

/** The run under way, and what was asked of it. */
interface ActiveRun {
  runId: string
  stopRequested: boolean
  pause: { over: Promise<void>; end(): void } | null
  ended: Promise<void>
}

let active: ActiveRun | null = null

/** Answers with the run's last event. It is sent when nothing of the run is left, so that the next may start at once. */
async function train(command: TrainCommand, run: ActiveRun): Promise<EngineEvent> {
  try {
    await inferences.drop()
    const stopRequested = (): boolean => run.stopRequested
    const pause = (): Promise<void> | null => run.pause?.over ?? null
    return await new Trainer(command, { createExecutor: chooseExecutor, emit, stopRequested, pause }).run()
  } catch (thrown) {
    return { type: 'failed', runId: command.runId, error: toInterlockError(thrown).toData() }
  }
}

function startTraining(command: TrainCommand): void {
  if (active) {
    const error = new InterlockError('RUN_ALREADY_ACTIVE', { run: active.runId }).toData()
    emit({ type: 'failed', runId: command.runId, error })
    return
  }
  const run: ActiveRun = {
    runId: command.runId,
    stopRequested: false,
    pause: null,
    ended: Promise.resolve(),
  }
  active = run
  run.ended = train(command, run).then((last) => {
    active = null
    emit(last)
  })
}

/** The newest forecast that runs steps; one that is not the newest any more, or meets a training, ends at its next step. */
let newestForecast = ''
/** They follow one another, so that none measures the end of another. */
let forecasts: Promise<unknown> = Promise.resolve()

async function tellForecast(command: ForecastCommand): Promise<void> {
  const { requestId, probe } = command
  if (probe && active) throw new InterlockError('RUN_ALREADY_ACTIVE', { run: active.runId })
  if (probe) newestForecast = requestId
  const calledOff = (): boolean => active !== null || newestForecast !== requestId
  const own = forecasts.then(() => forecast(command, chooseExecutor, calledOff))
  if (probe) forecasts = own.catch(() => undefined)
  emit({ type: 'forecast', requestId, result: await own })
}

/** Requests called off while they were under way. */
const calledOff = new Set<string>()

async function tellSearch(command: SearchRateCommand): Promise<void> {
  const { requestId } = command
  try {
    const result = await searchRate(command, {
      createExecutor: chooseExecutor,
      calledOff: () => active !== null || calledOff.has(requestId),
      onTried: (curve) => emit({ type: 'rateTried', requestId, curve }),
    })
    emit({ type: 'rateSearched', requestId, result })
  } finally {
    calledOff.delete(requestId)
  }
}

async function infer(command: InferCommand): Promise<void> {
  const { requestId } = command
  emit({ type: 'inferred', requestId, ...(await inferences.infer(command)) })
}

/** Answers a request, or says why it failed. */
async function answer(requestId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    emit({ type: 'requestFailed', requestId, error: toInterlockError(thrown).toData() })
  }
}

function pause(run: ActiveRun): void {
  let end = (): void => undefined
  const over = new Promise<void>((resolve) => (end = resolve))
  run.pause ??= { over, end }
}

function resume(run: ActiveRun): void {
  run.pause?.end()
  run.pause = null
}

function stop(run: ActiveRun): void {
  run.stopRequested = true
  resume(run)
}

async function shutdown(): Promise<void> {
  if (active) {
    stop(active)
    await active.ended
  }
  process.exit(0)
}

port.on('message', (command: EngineCommand) => {
  switch (command.type) {
    case 'train':
      return startTraining(command)
    case 'stop':
      if (active?.runId === command.runId) stop(active)
      return
    case 'pause':
      if (active?.runId === command.runId) pause(active)
      return
    case 'resume':
      if (active?.runId === command.runId) resume(active)
      return
    case 'infer':
      return void answer(command.requestId, () => infer(command))
    case 'forecast':
      return void answer(command.requestId, () => tellForecast(command))
    case 'searchRate':
      return void answer(command.requestId, () => tellSearch(command))
    case 'callOff':
      calledOff.add(command.requestId)
      return
    case 'initialise':
      return void answer(command.requestId, () => {
        const { requestId, graph, seed } = command
        emit({ type: 'initialised', requestId, weights: initialiseWeights(lowerGraph(graph), seed) })
        return Promise.resolve()
      })
    case 'vary':
      return void answer(command.requestId, () => {
        emit({ type: 'varied', requestId: command.requestId, values: varyExample(command) })
        return Promise.resolve()
      })
    case 'probe':
      return void answer(command.requestId, async () => {
        emit({ type: 'probed', requestId: command.requestId, result: await probeExecutors() })
      })
    case 'lendGpu':
      void inferences.drop()
      return useRemoteGpu(portChannel(command.port))
    case 'shutdown':
      return void shutdown()
  }
})

emit({ type: 'ready' })
