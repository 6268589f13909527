/** A plan made ready on a device: its buffers, its compiled program, and the bind groups that join them. */
import type { Plan } from '#shared/engine/plan'
import { bufferNames, type BufferName } from '../../ops/webgpuShader'
import { bufferUsage } from './constants'
import type { DeviceGuard } from './deviceGuard'
import { allocateBuffers, destroyBuffers, planLayout, type Layout, type PlanBuffers } from './gpuBuffers'
import type { GpuImages } from './gpuImages'
import type { CompiledDispatch, CompiledProgram, GpuCompiler, StepMode } from './gpuProgram'
import type { Command } from './submitter'
import { placeFinder, type FindPlace } from './tensorTransfer'

/** Bytes of one step's numbers (`Step` in ops/webgpuShader.ts). */
const stepBytes = 32

export class PreparedPlan {
  readonly findPlace: FindPlace
  /** Bytes from one step's numbers to the next one's. */
  readonly stepStride: number
  private readonly steps: GPUBuffer
  private readonly stepGroup: GPUBindGroup
  private readonly bases: GPUBuffer
  private readonly basesGroup: GPUBindGroup
  /** Bytes from one dispatch's bases to the next one's. */
  private readonly basesStride: number
  private readonly bindGroups = new Map<string, GPUBindGroup>()

  private constructor(
    private readonly device: GPUDevice,
    compiler: GpuCompiler,
    readonly plan: Plan,
    readonly layout: Layout,
    private readonly program: CompiledProgram,
    readonly buffers: PlanBuffers,
  ) {
    this.findPlace = placeFinder(plan, layout.batch)
    const { minUniformBufferOffsetAlignment: alignment } = device.limits
    const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment
    const usage = bufferUsage.uniform | bufferUsage.copyDestination
    const groupOf = (buffer: GPUBuffer, size: number): GPUBindGroup =>
      device.createBindGroup({
        layout: compiler.uniformLayout,
        entries: [{ binding: 0, resource: { buffer, size } }],
      })

    this.stepStride = aligned(stepBytes)
    this.steps = device.createBuffer({ label: 'steps', size: layout.stepsPerWindow * this.stepStride, usage })
    this.stepGroup = groupOf(this.steps, stepBytes)

    const dispatches = [...program.train, ...program.infer]
    this.basesStride = aligned(4 * Math.max(4, ...dispatches.map(({ bases }) => bases.length)))
    this.bases = device.createBuffer({ label: 'bases', size: dispatches.length * this.basesStride, usage })
    this.basesGroup = groupOf(this.bases, this.basesStride)
    const table = new Uint32Array((dispatches.length * this.basesStride) / 4)
    dispatches.forEach(({ bases }, index) => table.set(bases, (index * this.basesStride) / 4))
    device.queue.writeBuffer(this.bases, 0, table)
  }

  /** Allocates and compiles. Throws OUT_OF_MEMORY. */
  static async create(
    guard: DeviceGuard,
    compiler: GpuCompiler,
    plan: Plan,
    software: boolean,
  ): Promise<PreparedPlan> {
    const layout = planLayout(plan, plan.batchSize, software)
    const buffers = await guard.wait(allocateBuffers(guard.device, plan, layout, software))
    try {
      const program = await guard.wait(compiler.compile(layout.program))
      return new PreparedPlan(guard.device, compiler, plan, layout, program, buffers)
    } catch (error) {
      destroyBuffers(buffers)
      throw error
    }
  }

  /** The numbers of a window's steps, `stepStride` bytes each. */
  writeSteps(table: ArrayBuffer): void {
    this.device.queue.writeBuffer(this.steps, 0, table)
  }

  /** What to encode for one step; images come from `images`, which the caller knows as `set`. */
  commands(mode: StepMode, set: string, images: GpuImages): Command[] {
    const first = mode === 'train' ? 0 : this.program.train.length
    return this.program[mode].map((dispatch, index) => ({
      pipeline: dispatch.pipeline,
      workgroups: dispatch.workgroups,
      work: dispatch.work,
      buffers: this.bindGroup(dispatch, set, images),
      step: this.stepGroup,
      bases: this.basesGroup,
      basesOffset: (first + index) * this.basesStride,
    }))
  }

  /** To be called when an image set was replaced. */
  forgetImages(): void {
    this.bindGroups.clear()
  }

  destroy(): void {
    destroyBuffers(this.buffers)
    this.steps.destroy()
    this.bases.destroy()
  }

  private bindGroup(
    { layout, buffers: names }: CompiledDispatch,
    set: string,
    images: GpuImages,
  ): GPUBindGroup {
    const label = names.includes('images') ? `${names.join(' ')} of ${set}` : names.join(' ')
    const known = this.bindGroups.get(label)
    if (known) return known
    const bufferOf = (name: BufferName): GPUBuffer => (name === 'images' ? images.buffer : this.buffers[name])
    const entries = names.map((name) => ({
      binding: bufferNames.indexOf(name),
      resource: { buffer: bufferOf(name) },
    }))
    const group = this.device.createBindGroup({ label, layout, entries })
    this.bindGroups.set(label, group)
    return group
  }
}
