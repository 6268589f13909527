/**
 * Whether code compiled with 256-bit operations can be trusted on this machine, and whether it is faster: the engine switch
 * behind it is experimental.
 */
import { GraphBuilder } from '#shared/templates/graphBuilder'
import type { Plan } from '#shared/engine/plan'
import type { Graph } from '#shared/graph/types'
import { augmentationSchema } from '#shared/training/augmentation'
import { compilePlan } from '../plan/compilePlan'
import { compileProgram } from './compileProgram'
import { relaxedTile, wideTile, type MicroKernel } from './microKernel'
import { ProgramThread, type SharedImages } from './runProgram'
import { allocateMemory, writeArguments } from './wasmMemory'

/** Every kind of kernel that gains from wide operations, in sizes that are no multiple of anything. */
function checkGraph(): Graph {
  const build = new GraphBuilder([10, 10, 3])
  build.add('conv2d', { filters: 35, kernelSize: 3, padding: 'same', activation: 'relu' })
  build.add('conv2d', { filters: 64, kernelSize: 3, padding: 'same', activation: 'sigmoid' })
  build.add('maxPool2d', { poolSize: 2 })
  build.add('conv2d', { filters: 64, kernelSize: 3, padding: 'same', activation: 'tanh' })
  build.add('conv2d', { filters: 10, kernelSize: 2, activation: 'relu' })
  build.add('avgPool2d', { poolSize: 2 })
  build.add('flatten')
  build.add('dense', { units: 21, activation: 'sigmoid' })
  build.add('dense', { units: 5 })
  build.add('output')
  return build.graph()
}

/** A dense layer on the image, for what happens before it. */
function headGraph(): Graph {
  const build = new GraphBuilder([10, 10, 3])
  build.add('flatten')
  build.add('dense', { units: 5 })
  build.add('output')
  return build.graph()
}

/** Numbers in [−1, 1), always the same. */
function fill(numbers: Float32Array, scale: number): void {
  let state = 1
  for (let i = 0; i < numbers.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    numbers[i] = (state / 2 ** 31 - 1) * scale
  }
}

/** Runs one step of a plan for the network above; all its parameters and the probabilities after it. */
function resultBits(plan: Plan, module: WebAssembly.Module, micro: MicroKernel): Uint32Array {
  const count = plan.batchSize
  const { program, memory } = compileProgram(plan, 1, micro)
  const wasmMemory = allocateMemory(plan, program.bytes, 1, micro)
  writeArguments(program, wasmMemory)
  const { exports } = new WebAssembly.Instance(module, { env: { memory: wasmMemory } })
  const { parameters, state } = memory.arenas
  const floats = new Float32Array(wasmMemory.buffer)
  const trained = floats.subarray(parameters / 4, parameters / 4 + plan.arenas.parameters)
  fill(trained, 0.2)
  floats.fill(1, state / 4, state / 4 + plan.arenas.state)
  const pixels = Uint8Array.from(
    { length: count * program.imageValues },
    (_, i) => (i * i * 7 + i * 13) % 251,
  )
  const labels = Int32Array.from({ length: count }, (_, i) => i % 5)
  const images = new Map<string, SharedImages>([['check', { pixels, labels }]])
  const probabilities = new Float32Array(count * plan.classes)
  const run = new ProgramThread(program, exports, wasmMemory, 0, images).run({
    mode: plan.optimizer ? 'train' : 'infer',
    set: 'check',
    indices: Uint32Array.from({ length: count }, (_, i) => i),
    counts: Uint32Array.of(count),
    learningRates: Float32Array.of(0.1),
    firstStep: 0,
    repack: true,
    threads: 1,
    drawn: { epoch: 1, images: Uint32Array.from({ length: count }, (_, i) => i) },
    losses: new Float32Array(count),
    correct: new Uint8Array(count),
    probabilities,
  })
  // A single thread waits for nobody: all of it happens at once.
  run.next()
  const results = new Float32Array(trained.length + probabilities.length)
  results.set(trained)
  results.set(probabilities, trained.length)
  return new Uint32Array(results.buffer)
}

type TileFunction = (work: number) => void

/** Multiply-adds per millisecond of a micro-kernel on numbers in the first cache; the best of some rounds. */
export function tileSpeed(module: WebAssembly.Module, { rows, lanes }: MicroKernel): number {
  const run = 256
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const tile = exports[`tile${rows}x${lanes}`] as TileFunction
  // Fields of `Tile` in assembly/convTile.ts.
  const [work, w, x, y] = [1024, 2048, 16384, 65536] as const
  new Int32Array(memory.buffer).set([x, 0, 0, w, 0, 0, 1, 1, run, 0, y], work / 4)
  let best = 0
  for (let round = 0; round < 8; round++) {
    const started = performance.now()
    for (let call = 0; call < 100; call++) tile(work)
    best = Math.max(best, (run * rows * lanes * 100) / (performance.now() - started))
  }
  return best
}

/**
 * Why `wide` must not be used, as part of a sentence; null where its results are those of `narrow` bit for bit, and its large
 * tile is the fastest. Both are the same build, compiled with and without the switch.
 */
export function whyNotWide(wide: WebAssembly.Module, narrow: WebAssembly.Module): string | null {
  const graph = checkGraph()
  const optimizer = { type: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0 } as const
  const augmentation = augmentationSchema.parse({ rotate: true, crop: 0.5, contrast: 0.2, noise: 0.1 })
  // Training with two blocks, one not full; inference with images one by one.
  const plans = [
    compilePlan(graph, { batchSize: 20, optimizer, seed: 1 }),
    compilePlan(headGraph(), { batchSize: 20, optimizer, seed: 1, augmentation }),
    compilePlan(graph, { batchSize: 3, optimizer: null, seed: 1 }),
  ]
  for (const plan of plans) {
    const expected = resultBits(plan, narrow, wideTile)
    const found = resultBits(plan, wide, wideTile)
    if (found.some((bits, i) => bits !== expected[i]))
      return 'their results differ from those of 128-bit operations'
  }
  if (tileSpeed(wide, wideTile) < 1.1 * tileSpeed(wide, relaxedTile)) return 'they are not faster here'
  return null
}
