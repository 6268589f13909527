/** Our side of the benchmark: trains one work for as many steps as it is told, in a process of its own. */
import { createInterface } from 'node:readline'
import type { Executor } from '#shared/engine/executor'
import type { ImageSet } from '#shared/engine/tensors'
import { chooseExecutor } from '../engine/executors/choose'
import { createWasmExecutor } from '../engine/executors/wasm'
import { initialiseWeights } from '../engine/initialiseWeights'
import { compileNetwork } from '../engine/plan/compileNetwork'
import { lowerGraph } from '../engine/plan/lowerGraph'
import { adam, classes, works, type Work } from './works'

export type ContestantExecutor = 'cpu' | 'webgpu'

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

async function prepare(executor: Executor, work: Work): Promise<void> {
  const network = lowerGraph(work.graph)
  await executor.prepare(compileNetwork(network, { batchSize: work.batchSize, optimizer: adam, seed: 1 }))
  const channels = work.input[2]
  await executor.setNormalisation({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.3) })
  await executor.loadImages('bench', anyImages(work))
  await executor.write(initialiseWeights(network, 1))
}

/**
 * One JSON object a line: first what this process is, then for every line `steps` on stdin how long they took. Memory is the
 * peak of the resident set above that of the loaded, idle process.
 */
export async function trainWork(
  name: string,
  kind: ContestantExecutor,
  threads: number,
  wide: boolean,
): Promise<void> {
  const work = works.find((candidate) => candidate.name === name)!
  const executor =
    kind === 'cpu' ? await createWasmExecutor({ threads, wide }) : await chooseExecutor(kind, threads)
  const idle = process.memoryUsage.rss()
  await prepare(executor, work)
  const tell = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
  tell({ ready: true, name: executor.info.name, wide: executor.info.wide ?? false })
  let firstStep = 0
  for await (const line of createInterface({ input: process.stdin })) {
    const steps = Number(line)
    const cpu = process.cpuUsage()
    const started = performance.now()
    await executor.run({
      mode: 'train',
      set: 'bench',
      indices: Uint32Array.from({ length: steps * work.batchSize }, (_, i) => i % (work.batchSize * 4)),
      counts: new Uint32Array(steps).fill(work.batchSize),
      learningRates: new Float32Array(steps).fill(adam.learningRate),
      firstStep,
      probabilities: false,
    })
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    firstStep += steps
    // ru_maxrss is in kilobytes.
    const memory = process.resourceUsage().maxRSS * 1024 - idle
    tell({ seconds, cpuSeconds: (user + system) / 1e6, memory })
  }
  await executor.dispose()
}
