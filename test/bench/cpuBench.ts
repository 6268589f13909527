/** Training speed of the CPU executor in images per second, with 1, 2 and 4 threads. See test/bench/README.md. */
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { createRandom, randomImages, randomWeights } from '../conformance/random'
import { benchWorks, type BenchWork } from './networks'

const rounds = 7
const secondsPerRound = 0.3

/** Median over the rounds. */
async function imagesPerSecond({ network, batchSize }: BenchWork, threads: number): Promise<number> {
  const optimizer = {
    type: 'adam',
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
  }
  const plan = compileNetwork(network, { batchSize, optimizer: optimizer as never, seed: 1 })
  const random = createRandom(1)
  const images = randomImages(random, batchSize * 4, network.input.shape, plan.classes)
  const executor = await createWasmExecutor({ threads })
  await executor.prepare(plan)
  const channels = network.input.shape[2]!
  await executor.setNormalisation({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.3) })
  await executor.loadImages('training', images)
  await executor.write(randomWeights(random, plan))
  const run = (steps: number) =>
    executor.run({
      mode: 'train',
      set: 'training',
      indices: Uint32Array.from({ length: steps * batchSize }, (_, i) => i % images.count),
      counts: new Uint32Array(steps).fill(batchSize),
      learningRates: new Float32Array(steps).fill(1e-3),
      firstStep: 0,
      probabilities: false,
    })
  const warm = await run(8)
  const steps = Math.max(1, Math.ceil((secondsPerRound * 8) / warm.seconds))
  const speeds: number[] = []
  for (let round = 0; round < rounds; round++) speeds.push((steps * batchSize) / (await run(steps)).seconds)
  await executor.dispose()
  return speeds.sort((a, b) => a - b)[(rounds - 1) / 2]!
}

const wanted = process.argv.slice(2)
for (const work of benchWorks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const one = await imagesPerSecond(work, 1)
  const two = await imagesPerSecond(work, 2)
  console.log(
    `${work.name}: 1 thread ${one.toFixed(0)}, 2 threads ${two.toFixed(0)} images/s (×${(two / one).toFixed(2)})`,
  )
}
