/** Our side of the benchmark: trains one work, or predicts with it, as often as it is told, in a process of its own. */
import { createInterface } from 'node:readline'
import type { Executor } from '#shared/engine/executor'
import type { ImageSet, Normalisation } from '#shared/engine/tensors'
import { chooseExecutor } from '../engine/executors/choose'
import { createWasmExecutor } from '../engine/executors/wasm'
import { initialiseWeights } from '../engine/initialiseWeights'
import { compileNetwork } from '../engine/plan/compileNetwork'
import { lowerGraph } from '../engine/plan/lowerGraph'
import { adam, classes, works, type Work } from './works'

export type ContestantExecutor = 'cpu' | 'webgpu'
export type ContestantTask = 'train' | 'predict'

/** Four batches of any bytes and labels. */
function anyImages({ batchSize, input: [height, width, channels] }: Work): ImageSet {
  const count = batchSize * 4
  const pixels = new Uint8Array(count * height * width * channels)
  let state = 1
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    pixels[i] = state >>> 24
  }
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % classes)
  return { count, height, width, channels, pixels, labels }
}

function anyNormalisation({ input: [, , channels] }: Work): Normalisation {
  return { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.3) }
}

/** Makes the network ready; answers what does `count` training steps. */
async function prepareTraining(executor: Executor, work: Work): Promise<(count: number) => Promise<void>> {
  const network = lowerGraph(work.graph)
  const { batchSize } = work
  await executor.prepare(compileNetwork(network, { batchSize, optimizer: adam, seed: 1 }))
  await executor.setNormalisation(anyNormalisation(work))
  await executor.loadImages('bench', anyImages(work))
  await executor.write(initialiseWeights(network, 1))
  let firstStep = 0
  return async (count) => {
    await executor.run({
      mode: 'train',
      set: 'bench',
      indices: Uint32Array.from({ length: count * batchSize }, (_, i) => i % (batchSize * 4)),
      counts: new Uint32Array(count).fill(batchSize),
      learningRates: new Float32Array(count).fill(adam.learningRate),
      firstStep,
      probabilities: false,
    })
    firstStep += count
  }
}

/** The same for `count` images one at a time, each handed over when the one before is answered. */
async function preparePredicting(executor: Executor, work: Work): Promise<(count: number) => Promise<void>> {
  const network = lowerGraph(work.graph)
  await executor.prepare(compileNetwork(network, { batchSize: 1, optimizer: null, seed: 1 }))
  await executor.setNormalisation(anyNormalisation(work))
  await executor.write(initialiseWeights(network, 1))
  const { pixels, count: images, ...size } = anyImages(work)
  const length = size.height * size.width * size.channels
  const labels = Int32Array.of(-1)
  return async (count) => {
    for (let i = 0; i < count; i++) {
      const first = (i % images) * length
      const image = { ...size, count: 1, labels, pixels: pixels.subarray(first, first + length) }
      await executor.loadImages('bench', image)
      const { probabilities } = await executor.run({
        mode: 'infer',
        set: 'bench',
        indices: Uint32Array.of(0),
        counts: Uint32Array.of(1),
        learningRates: new Float32Array(0),
        firstStep: 0,
        probabilities: true,
      })
      const sum = probabilities!.reduce((total, value) => total + value, 0)
      if (!(Math.abs(sum - 1) < 1e-3)) throw new Error(`probabilities that add up to ${sum}`)
    }
  }
}

/**
 * One JSON object a line: first what this process is, then for every number on stdin how long that many steps or images took.
 * Memory is the peak of the resident set above that of the loaded, idle process.
 */
export async function contestWork(
  name: string,
  task: ContestantTask,
  kind: ContestantExecutor,
  threads: number,
  wide: boolean,
): Promise<void> {
  const work = works.find((candidate) => candidate.name === name)!
  // The executor's threads do not keep a process alive, nor does stdin before it is read.
  const awake = setInterval(() => undefined, 1000)
  const executor =
    kind === 'cpu' ? await createWasmExecutor({ threads, wide }) : await chooseExecutor(kind, threads)
  const idle = process.memoryUsage.rss()
  const run = await (task === 'train' ? prepareTraining : preparePredicting)(executor, work)
  clearInterval(awake)
  const tell = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
  tell({ ready: true, name: executor.info.name, wide: executor.info.wide ?? false })
  for await (const line of createInterface({ input: process.stdin })) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    await run(Number(line))
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    // ru_maxrss is in kilobytes.
    const memory = process.resourceUsage().maxRSS * 1024 - idle
    tell({ seconds, cpuSeconds: (user + system) / 1e6, memory })
  }
  await executor.dispose()
}
