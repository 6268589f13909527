/**
 * How the blocks of a network are doing at the end of an epoch: how large weights and gradients are, and which units a ReLU keeps
 * at zero whatever they are shown. Watches only: nothing here changes what is trained.
 */
import type { Executor } from '#shared/engine/executor'
import type { BlockHealth } from '#shared/engine/protocol'
import type { ImageSet, ImageStream, NamedTensor, Normalisation } from '#shared/engine/tensors'
import { compileNetwork } from './plan/compileNetwork'
import type { Network, NetworkNode } from './plan/network'
import { planBytes } from './plan/planBytes'

/** Images looked at for units that never answer; more would find fewer dead ones by chance, and take longer. */
const sampleImages = 64
/** The CPU executor computes with so many side by side, so fewer would cost the same. */
const fewestImages = 16
/** Activations of a sample take at most so many bytes; of networks beyond that it is said that dead units are not looked for. */
const mostBytes = 256 * 2 ** 20
/** The share of the time that looks within an epoch may take. */
const mostShare = 0.01

type ReluNode = Extract<NetworkNode, { op: 'activation' }>

const isRelu = (node: NetworkNode): node is ReluNode => node.op === 'activation' && node.attrs.kind === 'relu'

/** L2 norm: the square root of the sum of squares, in float64. NaN and infinity pass through. */
export function normOf(tensors: readonly NamedTensor[]): number {
  let sum = 0
  for (const { data } of tensors) for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!
  return Math.sqrt(sum)
}

/** Marks the channels of `[images][…][channels]` that are above zero somewhere. */
function markAlive(alive: Uint8Array, { data }: Pick<NamedTensor, 'data'>): void {
  for (let i = 0; i < data.length; i++) if (data[i]! > 0) alive[i % alive.length] = 1
}

/** Evenly spread images of a set, at most `count`. */
function sampleOf(set: ImageSet, count: number): Uint32Array {
  const taken = Math.min(count, set.count)
  return Uint32Array.from({ length: taken }, (_, i) => Math.floor((i * set.count) / taken))
}

export class BlockHealthProbe {
  /** Trained weights by block, in the order of the network. */
  private readonly weights = new Map<string, string[]>()
  private readonly relus: readonly ReluNode[]
  /** Computes the activations of the sample; null until it is needed, or where it cannot be. */
  private sampler: Executor | null = null
  private samplerFailed = false
  /** Before then another look would take more than its share. */
  private nextLook = 0

  constructor(
    private readonly network: Network,
    private readonly normalisation: Normalisation,
    private readonly createExecutor: () => Promise<Executor>,
  ) {
    for (const { blockId, weights } of network.nodes) {
      const trained = weights.filter(({ spec }) => spec.trainable).map(({ name }) => name)
      if (trained.length > 0) this.weights.set(blockId, [...(this.weights.get(blockId) ?? []), ...trained])
    }
    this.relus = network.nodes.filter(isRelu)
  }

  /** Whether it may look within an epoch now. */
  get due(): boolean {
    return performance.now() >= this.nextLook
  }

  /** As {@link measure}; null where that fails: it fails again in the next step then, and is mended there. */
  async look(
    executor: Executor,
    weights: readonly NamedTensor[],
    images: ImageSet | ImageStream,
  ): Promise<BlockHealth[] | null> {
    const started = performance.now()
    const sample = 'ring' in images ? images.ring : images
    const blocks = await this.measure(executor, weights, sample).catch(() => null)
    const now = performance.now()
    this.nextLook = now + (now - started) / mostShare
    return blocks
  }

  /**
   * Looks at the weights after an epoch and at the gradients of its last step, which are still on the executor that trains; and
   * shows the network some of the `images`. Blocks without trained weights and without ReLU are left out.
   */
  async measure(
    executor: Executor,
    weights: readonly NamedTensor[],
    images: ImageSet,
  ): Promise<BlockHealth[]> {
    const found = new Map<string, BlockHealth>()
    const byName = new Map(weights.map((tensor) => [tensor.name, tensor]))
    for (const [blockId, names] of this.weights) {
      const own = names.flatMap((name) => byName.get(name) ?? [])
      const gradients = await executor.read(names.map((name) => `d(${name})`))
      const count = own.reduce((sum, { data }) => sum + data.length, 0)
      found.set(blockId, {
        blockId,
        weights: count,
        weightNorm: normOf(own),
        gradientNorm: normOf(gradients),
      })
    }
    for (const [blockId, dead] of await this.deadShares(weights, images))
      found.set(blockId, { ...found.get(blockId), blockId, dead })
    const order = [...new Set(this.network.nodes.map(({ blockId }) => blockId))]
    return order.flatMap((blockId) => found.get(blockId) ?? [])
  }

  async close(): Promise<void> {
    await this.sampler?.dispose().catch(() => undefined)
    this.sampler = null
  }

  /** By block with a ReLU; null where the sample could not be computed. */
  private async deadShares(
    weights: readonly NamedTensor[],
    images: ImageSet,
  ): Promise<Map<string, number | null>> {
    const shares = new Map<string, number | null>(this.relus.map(({ blockId }) => [blockId, null]))
    if (this.relus.length === 0 || this.samplerFailed) return shares
    try {
      this.sampler ??= await this.startSampler()
      if (this.sampler === null) return shares
      const indices = sampleOf(images, sampleImages)
      await this.sampler.loadImages('sample', images)
      await this.sampler.write(weights)
      const seen = this.relus.map(({ output }) => new Uint8Array(output.at(-1)!))
      // Step by step, since only the last one's activations can be read.
      for (let first = 0; first < indices.length; first += fewestImages) {
        const some = indices.slice(first, first + fewestImages)
        await this.sampler.run({
          mode: 'infer',
          set: 'sample',
          indices: some,
          counts: Uint32Array.of(some.length),
          learningRates: new Float32Array(0),
          firstStep: 0,
          probabilities: false,
        })
        for (const [i, { name }] of this.relus.entries()) {
          for (const activations of await this.sampler.read([name])) markAlive(seen[i]!, activations)
        }
      }
      this.relus.forEach(({ blockId }, i) => {
        const dead = seen[i]!.filter((alive) => alive === 0).length
        shares.set(blockId, dead / seen[i]!.length)
      })
    } catch {
      // The training does not depend on it; without a second executor dead units are not known.
      this.samplerFailed = true
      await this.close()
    }
    return shares
  }

  private async startSampler(): Promise<Executor | null> {
    const plan = compileNetwork(this.network, {
      batchSize: fewestImages,
      optimizer: null,
      seed: 0,
      shareMemory: false,
    })
    if (planBytes(plan, fewestImages) > mostBytes) {
      this.samplerFailed = true
      return null
    }
    const executor = await this.createExecutor()
    await executor.prepare(plan)
    await executor.setNormalisation(this.normalisation)
    return executor
  }
}
