/**
 * The truth: an executor made of the reference kernels, in double precision, on the plan's own memory layout. Used by tests
 * to judge the real executors, and nowhere else.
 */
import type { Executor, ExecutorInfo, StepRequest, StepResult } from '#shared/engine/executor'
import type { ArenaName, Pass, Plan, PlanTensor } from '#shared/engine/plan'
import type { ImageSet, NamedTensor, Normalisation } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { requireDrawn } from '../ops/gather/variant'
import { optimizerMoments } from '../ops/optimizer/moments'
import { optimizerStep, type OptimizerArenas } from '../ops/optimizer/reference'
import type { ReferenceKernel, ReferenceStep, ReferenceTensor } from '../ops/referenceKernel'
import { referenceKernels } from '../ops/referenceKernels'
import { normalisationTensors } from '../plan/normalisation'

interface Prepared {
  plan: Plan
  arenas: Record<ArenaName, Float64Array>
  moments: Pick<OptimizerArenas, 'moment1' | 'moment2'>
}

export class ReferenceExecutor implements Executor {
  readonly info: ExecutorInfo = {
    kind: 'cpu',
    name: 'Reference',
    threads: 1,
    software: true,
    reason: 'Chosen by a test.',
  }
  private prepared: Prepared | null = null
  private readonly sets = new Map<string, ImageSet>()
  /** Real images of the last step: how many rows of an activation `read` returns. */
  private lastCount = 0
  /** Loss of the last step in double precision. */
  lastLoss = NaN

  /** `float32Weights`: weights and moments are rounded after each step, as they would be in a file; for tests of resuming. */
  constructor(private readonly float32Weights = false) {}

  async prepare(plan: Plan): Promise<void> {
    const arena = (name: ArenaName): Float64Array =>
      new Float64Array(plan.arenas[name] * (name === 'activations' ? plan.batchSize : 1))
    const arenas = {
      // Nothing may be read before a pass has written it: NaN shows it.
      activations: arena('activations').fill(NaN),
      parameters: arena('parameters'),
      gradients: arena('gradients'),
      state: arena('state'),
      saved: arena('saved'),
    }
    const parameters = plan.arenas.parameters
    this.prepared = {
      plan,
      arenas,
      moments: { moment1: new Float64Array(parameters), moment2: new Float64Array(parameters) },
    }
  }

  async loadImages(set: string, images: ImageSet): Promise<void> {
    this.sets.set(set, images)
  }

  async setNormalisation(normalisation: Normalisation): Promise<void> {
    await this.write(normalisationTensors(normalisation))
  }

  async write(tensors: readonly NamedTensor[]): Promise<void> {
    for (const { name, data } of tensors) this.tensor(name).set(data)
  }

  async read(names: readonly string[]): Promise<NamedTensor[]> {
    return names.map((name) => {
      const data = Float32Array.from(this.tensor(name))
      const tensor = this.require().plan.tensors.find((candidate) => candidate.name === name)
      if (!tensor) return { name, shape: [data.length], data }
      return {
        name,
        shape: tensor.arena === 'activations' ? [this.lastCount, ...tensor.shape] : tensor.shape,
        data,
      }
    })
  }

  async run(request: StepRequest): Promise<StepResult> {
    const { plan, arenas, moments } = this.require()
    const started = performance.now()
    const images = this.sets.get(request.set)
    if (!images) throw new InterlockError('INTERNAL', { problem: `no image set ${request.set}` })
    requireDrawn(plan, request)
    const total = request.counts.reduce((sum, count) => sum + count, 0)
    const losses = new Float32Array(request.counts.length)
    const correct = new Uint32Array(request.counts.length)
    const probabilities = request.probabilities ? new Float32Array(total * plan.classes) : null
    let first = 0
    request.counts.forEach((count, index) => {
      const indices = request.indices.subarray(first, first + count)
      const size = images.height * images.width * images.channels
      const firstImage = first
      const step: ReferenceStep = {
        count,
        seed: plan.seed,
        step: request.firstStep + index,
        pixel: (n, i) => images.pixels[indices[n]! * size + i]!,
        drawn: (n) => ({ epoch: request.drawn!.epoch, image: request.drawn!.images[firstImage + n]! }),
        label: (n) => images.labels[indices[n]!]!,
        loss: 0,
        correct: 0,
      }
      this.lastCount = count
      for (const pass of plan[request.mode]) this.runPass(pass, step)
      if (request.mode === 'train' && plan.optimizer) {
        const rate = request.learningRates[index]!
        optimizerStep(plan.optimizer, { ...arenas, ...moments }, rate, step.step + 1, plan.clipNorm)
      }
      if (this.float32Weights) {
        for (const array of [arenas.parameters, arenas.state, moments.moment1, moments.moment2]) {
          array.set(Float32Array.from(array))
        }
      }
      losses[index] = this.lastLoss = step.loss
      correct[index] = step.correct
      if (probabilities) {
        const last = plan[request.mode].find((pass) => pass.kernel === 'softmaxCrossEntropy')!
        probabilities.set(this.view(plan.tensors[last.outputs[0]!]!), first * plan.classes)
      }
      first += count
    })
    return { losses, correct, probabilities, seconds: (performance.now() - started) / 1000 }
  }

  async dispose(): Promise<void> {
    this.prepared = null
    this.sets.clear()
  }

  private runPass(pass: Pass, step: ReferenceStep): void {
    const tensors = (ids: readonly number[]): ReferenceTensor[] =>
      ids.map((id) => {
        const tensor = this.require().plan.tensors[id]!
        return { shape: tensor.shape, data: this.view(tensor) }
      })
    const kernel = referenceKernels[pass.kernel] as ReferenceKernel
    kernel(tensors(pass.inputs), tensors(pass.outputs), pass.attrs, step)
  }

  /** A tensor's numbers in its arena; only the step's real images of an activation. */
  private view(tensor: PlanTensor): Float64Array {
    const { plan, arenas } = this.require()
    const { offset, size } = tensor
    if (tensor.arena !== 'activations') return arenas[tensor.arena].subarray(offset, offset + size)
    return arenas.activations.subarray(
      offset * plan.batchSize,
      offset * plan.batchSize + size * this.lastCount,
    )
  }

  /** A tensor's numbers themselves, in double precision. */
  tensor(name: string): Float64Array {
    const { plan, moments } = this.require()
    if (plan.optimizer) {
      for (const moment of optimizerMoments(plan.optimizer)) if (moment === name) return moments[moment]
    }
    const tensor = plan.tensors.find((candidate) => candidate.name === name)
    if (!tensor) throw new InterlockError('INTERNAL', { problem: `the plan has no tensor ${name}` })
    return this.view(tensor)
  }

  private require(): Prepared {
    if (!this.prepared) throw new InterlockError('INTERNAL', { problem: 'no plan is prepared' })
    return this.prepared
  }
}
