/**
 * Plan → program: where everything lies in one WebAssembly memory, and which kernels run in which order.
 *
 * Memory, in this order: a guard page, the barrier, one `Step` per thread, weights and state, gradients (one copy per chunk of
 * blocks), moments, saved values, activations block after block, staging, packed weights and other scratch memory, argument
 * structs, the threads' own scratch memory.
 */
import type { ArenaName, Pass, Plan } from '#shared/engine/plan'
import { planAugmentation, variantWords } from '../ops/gather/variant'
import { optimizerMoments, type MomentName } from '../ops/optimizer/moments'
import { optimizerCalls } from '../ops/optimizer/wasm'
import { passCalls } from '../ops/wasmKernels'
import type { MicroKernel } from './microKernel'
import { barrierBytes, lanes, stepBytes, type KernelCall, type Program, type Segment } from './program'
import type { WasmContext } from './wasmKernel'

/** At most so many partial gradients are kept, so at most so many threads work on whole chunks. */
const maxChunks = 8
/** Memory that partial gradients may take in all before there are fewer of them. */
const maxPartialBytes = 512 * 2 ** 20

/** Cells of 16 values that make a share worth handing to another thread. */
const partSize = 1024

/** Inference with up to so many images at a time computes them one by one. */
const fewImages = 8

export interface MemoryMap {
  /** Byte address of every arena; of block 0 for activations, of chunk 0 for gradients. */
  arenas: Record<ArenaName, number>
  moments: Partial<Record<MomentName, number>>
  /** Bytes between the same activation of neighbouring blocks. */
  stride: number
}

export interface CompiledProgram {
  program: Program
  memory: MemoryMap
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64
}

/** Cuts calls into segments: neighbouring local calls together, every whole call on its own. */
function segments(calls: readonly KernelCall[]): Segment[] {
  const result: { local: boolean; calls: KernelCall[] }[] = []
  for (const call of calls) {
    const last = result.at(-1)
    if (call.split !== 'whole' && last?.local) last.calls.push(call)
    else result.push({ local: call.split !== 'whole', calls: [call] })
  }
  return result
}

function whole(calls: readonly KernelCall[]): Segment[] {
  return calls.length > 0 ? [{ local: false, calls }] : []
}

/** Multiply-adds of one image's convolutions and dense layers. */
function forwardMacs(plan: Plan): number {
  let macs = 0
  for (const { kernel, inputs, outputs } of plan.infer) {
    if (kernel !== 'conv2d' && kernel !== 'dense') continue
    const output = plan.tensors[outputs[0]!]!
    macs += plan.tensors[inputs[1]!]!.size * (output.size / output.shape.at(-1)!)
  }
  return macs
}

export function compileProgram(plan: Plan, threads: number, micro: MicroKernel): CompiledProgram {
  let end = 1024
  const allocate = (bytes: number): number => {
    const address = end
    end += align(bytes)
    return address
  }

  const blockImages = plan.optimizer === null && plan.batchSize <= fewImages ? 1 : lanes
  const blocks = Math.ceil(plan.batchSize / blockImages)
  const gradientBytes = plan.arenas.gradients * 4
  const partials = gradientBytes > 0 ? Math.max(1, Math.floor(maxPartialBytes / gradientBytes)) : maxChunks
  const chunkBlocks = Math.ceil(blocks / Math.min(maxChunks, partials))
  const chunks = Math.ceil(blocks / chunkBlocks)

  const barrier = allocate(barrierBytes)
  const steps = Array.from({ length: threads }, () => allocate(stepBytes))
  const chunkStride = align(gradientBytes)
  const arenas = {
    parameters: allocate(plan.arenas.parameters * 4),
    state: allocate(plan.arenas.state * 4),
    gradients: allocate(chunkStride * chunks),
    saved: allocate(plan.arenas.saved * 4),
    activations: 0,
  }
  const moments: Partial<Record<MomentName, number>> = {}
  if (plan.optimizer) {
    for (const name of optimizerMoments(plan.optimizer)) moments[name] = allocate(plan.arenas.parameters * 4)
  }

  // Blocks a power of two apart would meet in the same few cache lines.
  const blockBytes = align(plan.arenas.activations * blockImages * 4)
  const stride = blockBytes % 4096 === 0 ? blockBytes + 64 : blockBytes
  arenas.activations = allocate(stride * blocks)

  const [height, width, channels] = plan.input as [number, number, number]
  const imageValues = height * width * channels
  const augmentation = planAugmentation(plan)
  // The loss is computed in lanes, all of them.
  const staged = Math.ceil(plan.batchSize / lanes) * lanes
  const staging = {
    // As many as the widest type of pixels takes; pages that narrower ones leave alone cost nothing.
    bytes: allocate(blocks * blockImages * imageValues * 4),
    variants: allocate(augmentation ? staged * variantWords * 4 : 0),
    labels: allocate(staged * 4),
    losses: allocate(staged * 4),
    correct: allocate(staged * 4),
  }

  let threadScratch = 64
  const packs = new Map<string, { address: number; call: KernelCall }>()
  const context: WasmContext = {
    plan,
    micro,
    blockImages,
    stride,
    blocks,
    chunkBlocks,
    chunkStride,
    staging,
    address: ({ arena, offset }) => arenas[arena] + offset * 4 * (arena === 'activations' ? blockImages : 1),
    cells: (floats) => Math.ceil((floats * blockImages) / lanes),
    parts: (cells) => Math.max(1, Math.min(16, Math.floor(cells / partSize))),
    allocate,
    needThreadScratch: (bytes) => {
      threadScratch = Math.max(threadScratch, bytes)
    },
    packed: (key, bytes, call) => {
      const known = packs.get(key)
      if (known) return known.address
      const address = allocate(bytes)
      packs.set(key, { address, call: call(address) })
      return address
    },
  }

  const calls = (passes: readonly Pass[]): KernelCall[] => passes.flatMap((pass) => passCalls(pass, context))
  const forwardAndBackward = segments(calls(plan.train))
  const infer = segments(calls(plan.infer))
  const pack = whole([...packs.values()].map(({ call }) => call))
  const update = plan.optimizer
    ? optimizerCalls(
        plan.optimizer,
        {
          parameters: arenas.parameters,
          gradients: arenas.gradients,
          moment1: moments.moment1 ?? 0,
          moment2: moments.moment2 ?? 0,
          chunkStride,
          chunkBlocks,
        },
        plan.arenas.parameters,
        plan.clipNorm === null ? null : { clipNorm: plan.clipNorm, allocate },
      ).flatMap(whole)
    : []
  const train = forwardAndBackward.length > 0 ? [...forwardAndBackward, ...update, ...pack] : []

  const args = [pack, train, infer]
    .flat()
    .flatMap((segment) => segment.calls)
    .map((call) => allocate(call.args.length * 4))
  const scratch = Array.from({ length: threads }, () => allocate(threadScratch))
  const probabilities = (passes: readonly Pass[]): number => {
    const loss = passes.find((pass) => pass.kernel === 'softmaxCrossEntropy')
    return loss ? context.address(plan.tensors[loss.outputs[0]!]!) : 0
  }
  const { optimizer } = plan
  return {
    program: {
      pack,
      train,
      infer,
      barrier,
      steps,
      scratch,
      args,
      staging,
      probabilities: { train: probabilities(plan.train), infer: probabilities(plan.infer) },
      stride,
      batchSize: plan.batchSize,
      blockImages,
      augmentation: augmentation && { settings: augmentation, height, width, seed: plan.seed },
      imageValues,
      classes: plan.classes,
      chunkBlocks,
      adam: optimizer?.type === 'adam' || optimizer?.type === 'adamw' ? optimizer : null,
      macs: forwardMacs(plan),
      bytes: end,
    },
    memory: { arenas, moments, stride },
  }
}
