/**
 * Network → plan. Walks the network forward for the training and inference passes, then backward with the rules of
 * `gradients.ts`, and hands all tensors to the memory planner. Deterministic: the same network gives the same plan.
 */
import type { KernelAttrs, KernelName, Pass, Plan } from '#shared/engine/plan'
import type { Shape } from '#shared/ops'
import { augments, type AugmentationSettings } from '#shared/training/augmentation'
import type { OptimizerSettings } from '#shared/training/settings'
import { shapeSize } from '#shared/layout/shapeText'
import { hashText } from '../hashText'
import { gradientRules, type GradientContext, type GradientRule } from './gradients'
import type { Network, NetworkNode } from './network'
import { normalisationNames } from './normalisation'
import { planMemory, type UnplacedTensor } from './planMemory'

export interface PlanOptions {
  batchSize: number
  /** Null makes a plan for inference only. */
  optimizer: OptimizerSettings | null
  seed: number
  /** Null or left out: gradients are not clipped. */
  clipNorm?: number | null
  /** Of the training loss; left out: 0. */
  labelSmoothing?: number
  /** The training loss weighs classes by the tensor `lossNames.classWeights`, which must be written. Default false. */
  classWeights?: boolean
  /** Of the training images. Left out, or with nothing in it: none. */
  augmentation?: AugmentationSettings
  /** False keeps every activation and gradient to the end of the step, for tests that read them. Default true. */
  shareMemory?: boolean
}

export const lossNames = { classWeights: 'loss/classWeights', weightSums: 'loss/weightSums' } as const

/** Everything the backward walk needs to know about a node's forward pass. */
interface ForwardRecord {
  node: NetworkNode
  inputs: readonly number[]
  output: number
  weights: readonly number[]
  saved: readonly number[]
}

class PlanBuilder {
  readonly tensors: UnplacedTensor[] = []
  readonly train: Pass[] = []
  readonly infer: Pass[] = []
  /** Values that depend on a trainable weight, and so take a gradient. */
  private readonly differentiable = new Set<number>()
  private readonly contributions = new Map<number, number[]>()
  private readonly gradientOf = new Map<number, number>()

  constructor(private readonly withGradients: boolean) {}

  add(name: string, shape: Shape, arena: UnplacedTensor['arena'], aliasOf: number | null = null): number {
    return this.tensors.push({ name, shape, arena, aliasOf, keep: false }) - 1
  }

  emit<K extends KernelName>(
    lists: readonly Pass[][],
    blockId: string,
    kernel: K,
    attrs: KernelAttrs[K],
    inputs: readonly number[],
    outputs: readonly number[],
  ): void {
    // One object of the union per kernel; TypeScript cannot see that kernel and attrs belong together here.
    const pass = { kernel, attrs, inputs, outputs, blockId } as unknown as Pass
    for (const list of lists) list.push(pass)
  }

  /** Weights of a node, in order; trainable ones get a mirror in the gradients arena. */
  addWeights(node: NetworkNode): number[] {
    return node.weights.map(({ name, spec }) => {
      const id = this.add(name, spec.shape, spec.trainable ? 'parameters' : 'state')
      if (spec.trainable && this.withGradients)
        this.gradientOf.set(id, this.add(`d(${name})`, spec.shape, 'gradients'))
      return id
    })
  }

  markDifferentiable(record: ForwardRecord): void {
    const trains = record.weights.some((id) => this.tensors[id]!.arena === 'parameters')
    if (trains || record.inputs.some((id) => this.differentiable.has(id)))
      this.differentiable.add(record.output)
  }

  isDifferentiable(value: number): boolean {
    return this.differentiable.has(value)
  }

  contribute(value: number, gradient: number): void {
    const list = this.contributions.get(value)
    if (list) list.push(gradient)
    else this.contributions.set(value, [gradient])
  }

  /** The complete gradient of a value: its only contribution, or the sum of all. */
  totalGradient(value: number, blockId: string): number {
    const parts = this.contributions.get(value) ?? []
    if (parts.length === 1) return parts[0]!
    const { name, shape } = this.tensors[value]!
    const sum = this.add(`d(${name})`, shape, 'activations')
    this.emit([this.train], blockId, 'add', {}, parts, [sum])
    return sum
  }

  /** A tensor for one contribution; numbered where a value has several consumers. */
  newContribution(value: number, consumers: number): number {
    const { name, shape } = this.tensors[value]!
    const number = this.contributions.get(value)?.length ?? 0
    const id = this.add(consumers > 1 ? `d(${name})#${number}` : `d(${name})`, shape, 'activations')
    this.contribute(value, id)
    return id
  }

  /** A contribution whose numbers already exist: the same tensor, or an alias under the value's name and shape. */
  passThrough(value: number, gradient: number, consumers: number): void {
    const { name, shape } = this.tensors[value]!
    const number = this.contributions.get(value)?.length ?? 0
    this.contribute(
      value,
      this.add(consumers > 1 ? `d(${name})#${number}` : `d(${name})`, shape, 'activations', gradient),
    )
  }

  backward(record: ForwardRecord, consumersOf: ReadonlyMap<number, number>): void {
    const { node, inputs, weights } = record
    if (!this.isDifferentiable(record.output)) return
    const context: GradientContext<NetworkNode['op']> = {
      node,
      inputs,
      output: record.output,
      weights,
      saved: record.saved,
      dy: this.totalGradient(record.output, node.blockId),
      shapeOf: (tensor) => this.tensors[tensor]!.shape,
      needsInputGradient: (index) => this.differentiable.has(inputs[index]!),
      trainsWeights: weights.some((id) => this.gradientOf.has(id)),
      newInputGradient: (index) => this.newContribution(inputs[index]!, consumersOf.get(inputs[index]!) ?? 1),
      passThrough: (index, gradient) =>
        this.passThrough(inputs[index]!, gradient, consumersOf.get(inputs[index]!) ?? 1),
      weightGradient: (index) => this.gradientOf.get(weights[index]!)!,
      emit: (kernel, attrs, from, to) => this.emit([this.train], node.blockId, kernel, attrs, from, to),
    }
    const rule = gradientRules[node.op] as GradientRule<NetworkNode['op']>
    rule(context)
  }
}

/** How often each value is consumed (twice by `add(x, x)`). */
function countConsumers(records: readonly ForwardRecord[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { inputs } of records) for (const id of inputs) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/** Compiles a network; `compilePlan` makes one from a graph. */
export function compileNetwork(network: Network, options: PlanOptions): Plan {
  const training = options.optimizer !== null
  const builder = new PlanBuilder(training)
  const trainOnly = training ? [builder.train] : []

  const channels = network.input.shape.at(-1)!
  const mean = builder.add(normalisationNames.mean, [channels], 'state')
  const invStd = builder.add(normalisationNames.invStd, [channels], 'state')
  const divisor = builder.add(normalisationNames.divisor, [1], 'state')
  const image = builder.add(network.input.name, network.input.shape, 'activations')
  const { augmentation } = options
  const varied = augmentation && augments(augmentation) ? { augmentation } : {}
  const from = [mean, invStd, divisor]
  builder.emit(trainOnly, network.input.name, 'gather', varied, from, [image])
  builder.emit([builder.infer], network.input.name, 'gather', {}, from, [image])

  // A value may be another tensor in inference: dropout passes its input on.
  const values = new Map([[network.input.name, { train: image, infer: image }]])
  const records: ForwardRecord[] = []
  for (const node of network.nodes) {
    const sources = node.from.map((name) => values.get(name)!)
    const inputs = sources.map((source) => source.train)
    const inferInputs = sources.map((source) => source.infer)
    const weights = builder.addWeights(node)
    const saved: number[] = []
    const value = { train: -1, infer: -1 }

    if (node.op === 'flatten') {
      value.train = builder.add(node.name, node.output, 'activations', inputs[0]!)
      value.infer =
        inferInputs[0] === inputs[0]
          ? value.train
          : builder.add(`${node.name}@infer`, node.output, 'activations', inferInputs[0]!)
    } else if (node.op === 'dropout') {
      value.infer = inferInputs[0]!
      value.train = training ? builder.add(node.name, node.output, 'activations') : value.infer
      const attrs = { ...node.attrs, stream: hashText(node.name) }
      builder.emit(trainOnly, node.blockId, 'dropout', attrs, inputs, [value.train])
    } else {
      const output = builder.add(node.name, node.output, 'activations')
      value.train = value.infer = output
      if (node.op === 'batchNorm') {
        const withBatchStatistics = !node.attrs.frozen
        if (training && withBatchStatistics) {
          saved.push(builder.add(`${node.name}:mean`, [node.output.at(-1)!], 'saved'))
          saved.push(builder.add(`${node.name}:invStd`, [node.output.at(-1)!], 'saved'))
        }
        const kernel = withBatchStatistics ? 'batchNorm' : 'batchNormInference'
        builder.emit(trainOnly, node.blockId, kernel, node.attrs, [...inputs, ...weights], [output, ...saved])
        const inferFrom = [...inferInputs, ...weights]
        builder.emit([builder.infer], node.blockId, 'batchNormInference', node.attrs, inferFrom, [output])
      } else {
        // Kernel and operation have the same attributes for all that remain, and the same name but for one: to crop is what
        // the gradient of zero padding does.
        const kernel = (node.op === 'crop2d' ? 'zeroPad2dGrad' : node.op) as 'add'
        const attrs = node.attrs as KernelAttrs['add']
        builder.emit(trainOnly, node.blockId, kernel, attrs, [...inputs, ...weights], [output])
        builder.emit([builder.infer], node.blockId, kernel, attrs, [...inferInputs, ...weights], [output])
      }
    }
    values.set(node.name, value)
    const record = { node, inputs, output: value.train, weights, saved }
    builder.markDifferentiable(record)
    records.push(record)
  }

  const logits = values.get(network.logits)!
  const logitsShape = builder.tensors[logits.train]!.shape
  const probabilities = builder.add(`${network.outputBlockId}:probabilities`, logitsShape, 'activations')
  builder.tensors[probabilities]!.keep = true
  const out = network.outputBlockId
  const weighted = training && options.classWeights === true
  const classWeights = weighted ? [builder.add(lossNames.classWeights, logitsShape, 'state')] : []
  const weightSums = weighted ? [builder.add(lossNames.weightSums, [2], 'saved')] : []
  const loss = { labelSmoothing: options.labelSmoothing ?? 0 }
  const lossInputs = [logits.train, ...classWeights]
  builder.emit(trainOnly, out, 'softmaxCrossEntropy', loss, lossInputs, [probabilities, ...weightSums])
  // Validation measures the plain loss, whatever the training minimises, so that runs compare.
  const plain = { labelSmoothing: 0 }
  builder.emit([builder.infer], out, 'softmaxCrossEntropy', plain, [logits.infer], [probabilities])

  if (training && builder.isDifferentiable(logits.train)) {
    const consumers = countConsumers(records)
    consumers.set(logits.train, (consumers.get(logits.train) ?? 0) + 1)
    const dLogits = builder.newContribution(logits.train, consumers.get(logits.train)!)
    const gradInputs = [probabilities, ...classWeights, ...weightSums]
    builder.emit(trainOnly, out, 'softmaxCrossEntropyGrad', loss, gradInputs, [dLogits])
    for (const record of records.toReversed()) builder.backward(record, consumers)
  }

  const { tensors, arenas } = planMemory(
    builder.tensors,
    builder.train,
    builder.infer,
    options.shareMemory ?? true,
  )
  return {
    batchSize: options.batchSize,
    input: network.input.shape,
    classes: shapeSize(logitsShape),
    tensors,
    arenas,
    train: builder.train,
    infer: builder.infer,
    optimizer: options.optimizer,
    clipNorm: training ? (options.clipNorm ?? null) : null,
    seed: options.seed,
  }
}
