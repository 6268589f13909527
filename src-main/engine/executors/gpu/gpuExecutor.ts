/**
 * Computes plans on a WebGPU device. Knows nothing of where the device comes from: Dawn in Node, or Chromium in a worker.
 *
 * Steps are run in windows: the numbers of each step and the images' places are written once, then every dispatch of every
 * step of the window is encoded, cut into short submits, and the window's losses come back in one read.
 * On one adapter and driver the same calls give the same bits: every sum has a fixed order and nothing is added atomically.
 */
import type { Executor, ExecutorInfo, StepRequest, StepResult } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import type { ImageSet, NamedTensor, Normalisation } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { shapeText } from '#shared/layout/shapeText'
import { normalisationTensors } from '../../plan/normalisation'
import { drawVariant, planAugmentation, requireDrawn, writeVariant } from '../../ops/gather/variant'
import { DeviceGuard } from './deviceGuard'
import { defaultImageLimits, GpuImages, type ImageLimits } from './gpuImages'
import { variantStride } from './gpuBuffers'
import { GpuCompiler } from './gpuProgram'
import { PreparedPlan } from './preparedPlan'
import { stepTable } from './stepTable'
import { Submitter } from './submitter'
import { readRanges, readTensors, writeTensors } from './tensorTransfer'

export class GpuExecutor implements Executor {
  private readonly guard: DeviceGuard
  private readonly submitter: Submitter
  private readonly compiler: GpuCompiler
  private readonly images = new Map<string, GpuImages>()
  private prepared: PreparedPlan | null = null
  /** Real images of the last step: how many of an activation `read` returns. */
  private lastCount = 0

  constructor(
    device: GPUDevice,
    readonly info: ExecutorInfo,
    /** Called once after the device is destroyed, e.g. to let go of what made it. */
    private readonly onDispose: () => void = () => {},
    private readonly imageLimits: ImageLimits = defaultImageLimits,
  ) {
    this.guard = new DeviceGuard(device)
    this.submitter = new Submitter(this.guard)
    this.compiler = new GpuCompiler(device)
  }

  async prepare(plan: Plan): Promise<void> {
    this.guard.check()
    this.unprepare()
    this.prepared = await PreparedPlan.create(this.guard, this.compiler, plan, this.info.software)
  }

  async loadImages(set: string, images: ImageSet): Promise<void> {
    this.guard.check()
    if (this.images.get(set)?.replace(images)) return
    this.images.get(set)?.destroy()
    this.images.delete(set)
    this.prepared?.forgetImages()
    const uploaded = GpuImages.upload(this.guard.device, images, this.imageLimits)
    this.images.set(set, await this.guard.wait(uploaded))
  }

  async setNormalisation(normalisation: Normalisation): Promise<void> {
    await this.write(normalisationTensors(normalisation))
  }

  async write(tensors: readonly NamedTensor[]): Promise<void> {
    this.guard.check()
    const { buffers, findPlace } = this.ready()
    writeTensors(this.guard, buffers, findPlace, tensors)
  }

  async read(names: readonly string[]): Promise<NamedTensor[]> {
    const { buffers, findPlace } = this.ready()
    return readTensors(this.guard, buffers, findPlace, this.lastCount, names)
  }

  async run(request: StepRequest): Promise<StepResult> {
    this.guard.check()
    const prepared = this.ready()
    const images = this.imagesFor(request, prepared)
    requireDrawn(prepared.plan, request)
    if (images.reserve(Math.max(0, ...request.counts))) prepared.forgetImages()
    const started = performance.now()
    const total = request.counts.length
    const losses = new Float32Array(total)
    const correct = new Uint32Array(total)
    const probabilities = request.probabilities
      ? new Float32Array(request.indices.length * prepared.plan.classes)
      : null

    let firstImage = 0
    for (let from = 0; from < total;) {
      const { to, count } = this.windowFrom(from, request, prepared, images)
      await this.runWindow(prepared, images, request, from, to, firstImage, count)
      const results = await this.readWindow(prepared, to - from, probabilities ? count : 0)
      for (let step = from; step < to; step++) {
        losses[step] = results[2 * (step - from)]!
        correct[step] = results[2 * (step - from) + 1]!
      }
      probabilities?.set(results.subarray(2 * (to - from)), firstImage * prepared.plan.classes)
      firstImage += count
      from = to
      this.lastCount = request.counts[to - 1]!
    }
    return { losses, correct, probabilities, seconds: (performance.now() - started) / 1000 }
  }

  async dispose(): Promise<void> {
    this.unprepare()
    for (const images of this.images.values()) images.destroy()
    this.images.clear()
    this.guard.release()
    this.onDispose()
  }

  private ready(): PreparedPlan {
    if (!this.prepared) throw new InterlockError('INTERNAL', { problem: 'no plan is prepared' })
    return this.prepared
  }

  private unprepare(): void {
    this.prepared?.destroy()
    this.prepared = null
  }

  private imagesFor(request: StepRequest, { plan }: PreparedPlan): GpuImages {
    const images = this.images.get(request.set)
    if (!images) throw new InterlockError('INTERNAL', { problem: `there is no image set ${request.set}` })
    const expected = shapeText(plan.input)
    const found = shapeText(images.shape)
    if (expected !== found) throw new InterlockError('ARGUMENT_INVALID', { what: 'images', expected, found })
    const outside = request.indices.find((index) => index >= images.count)
    if (outside !== undefined)
      throw new InterlockError('INTERNAL', { problem: `image ${outside} of ${images.count} was asked for` })
    return images
  }

  /** As many steps as fit: where the window ends, and how many images it holds. */
  private windowFrom(
    from: number,
    { counts }: StepRequest,
    { layout }: PreparedPlan,
    images: GpuImages,
  ): { to: number; count: number } {
    let to = from
    let count = 0
    while (to < counts.length && to - from < layout.stepsPerWindow) {
      if (to > from && count + counts[to]! > images.windowImages) break
      count += counts[to++]!
    }
    return { to, count }
  }

  private async runWindow(
    prepared: PreparedPlan,
    images: GpuImages,
    request: StepRequest,
    from: number,
    to: number,
    firstImage: number,
    count: number,
  ): Promise<void> {
    const { buffers, plan, stepStride } = prepared
    const entries = new Int32Array(2 * count)
    images.provide(request.indices.subarray(firstImage, firstImage + count), entries)
    this.guard.device.queue.writeBuffer(buffers.batches, 0, entries)
    if (request.mode === 'train') this.writeVariants(prepared, request, firstImage, count)
    prepared.writeSteps(
      stepTable({
        request,
        pixelBytes: images.pixelBytes,
        optimizer: plan.optimizer,
        from,
        to,
        stride: stepStride,
      }),
    )

    const commands = prepared.commands(request.mode, request.set, images)
    for (let step = from; step < to; step++) {
      for (const command of commands) {
        if (this.submitter.isFull(command.work)) await this.submitter.submit()
        this.submitter.add(command, (step - from) * stepStride)
      }
    }
    await this.submitter.finish()
  }

  /** How the images of a window are changed, if they are. */
  private writeVariants(
    { plan, buffers }: PreparedPlan,
    { drawn }: StepRequest,
    first: number,
    count: number,
  ): void {
    const settings = planAugmentation(plan)
    if (settings === null || drawn === undefined) return
    const [height, width] = plan.input as [number, number, number]
    const integers = new Int32Array(variantStride * count)
    const floats = new Float32Array(integers.buffer)
    for (let i = 0; i < count; i++) {
      const of = { seed: plan.seed, epoch: drawn.epoch, image: drawn.images[first + i]! }
      writeVariant(drawVariant(settings, height, width, of), integers, floats, i * variantStride, 1)
    }
    this.guard.device.queue.writeBuffer(buffers.variants, 0, integers)
  }

  private readWindow(
    { buffers, layout, plan }: PreparedPlan,
    steps: number,
    images: number,
  ): Promise<Float32Array> {
    const buffer = buffers.results
    return readRanges(this.guard, [
      { buffer, offset: 0, bytes: 8 * steps },
      { buffer, offset: 8 * layout.stepsPerWindow, bytes: 4 * images * plan.classes },
    ])
  }
}
