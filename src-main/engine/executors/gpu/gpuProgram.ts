/** A plan as dispatches (pure), and dispatches as compiled pipelines. */
import type { Plan } from '#shared/engine/plan'
import { InterlockError } from '#shared/issues/errors'
import { optimizerDispatches } from '../../ops/optimizer/webgpu'
import type { Dispatch, KernelContext } from '../../ops/webgpuKernel'
import { passDispatches } from '../../ops/webgpuKernels'
import { bufferNames, readOnlyBuffers, type BufferName } from '../../ops/webgpuShader'
import { stageCompute } from './constants'

export type StepMode = 'train' | 'infer'

/** Dispatches of one step, by mode; the training step ends with the optimiser. */
export type Program = Readonly<Record<StepMode, readonly Dispatch[]>>

export function buildProgram(plan: Plan, context: KernelContext): Program {
  const train = plan.train.flatMap((pass) => passDispatches(pass, context))
  if (plan.optimizer && plan.arenas.parameters > 0)
    train.push(...optimizerDispatches(context, plan.optimizer, plan.arenas.parameters, plan.clipNorm))
  return { train, infer: plan.infer.flatMap((pass) => passDispatches(pass, context)) }
}

export interface CompiledDispatch extends Omit<Dispatch, 'code' | 'label' | 'scratch'> {
  pipeline: GPUComputePipeline
  layout: GPUBindGroupLayout
}

export type CompiledProgram = Readonly<Record<StepMode, readonly CompiledDispatch[]>>

/** Pipelines kept for layers and plans to come. A large network has about a hundred. */
const mostPipelines = 256

/** Compiles shaders and keeps the last ones used: equal texts share a pipeline, also across plans. */
export class GpuCompiler {
  /** Group 1 (the step's numbers) and group 2 (bases of tensors): uniforms with a dynamic offset. */
  readonly uniformLayout: GPUBindGroupLayout
  private readonly layouts = new Map<string, GPUBindGroupLayout>()
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>()

  constructor(private readonly device: GPUDevice) {
    const buffer = { type: 'uniform', hasDynamicOffset: true } as const
    this.uniformLayout = device.createBindGroupLayout({
      label: 'uniform',
      entries: [{ binding: 0, visibility: stageCompute, buffer }],
    })
  }

  /** All shaders at the same time. */
  async compile(program: Program): Promise<CompiledProgram> {
    const compile = (dispatches: readonly Dispatch[]): Promise<CompiledDispatch[]> =>
      Promise.all(
        dispatches.map(async (dispatch) => ({
          pipeline: await this.pipelineOf(dispatch),
          layout: this.layoutOf(dispatch.buffers),
          buffers: dispatch.buffers,
          bases: dispatch.bases,
          workgroups: dispatch.workgroups,
          work: dispatch.work,
        })),
      )
    const [train, infer] = await Promise.all([compile(program.train), compile(program.infer)])
    return { train, infer }
  }

  private layoutOf(buffers: readonly BufferName[]): GPUBindGroupLayout {
    const label = buffers.join(' ')
    const known = this.layouts.get(label)
    if (known) return known
    const entries = buffers.map((name): GPUBindGroupLayoutEntry => {
      const type = readOnlyBuffers.has(name) ? 'read-only-storage' : 'storage'
      return { binding: bufferNames.indexOf(name), visibility: stageCompute, buffer: { type } }
    })
    const layout = this.device.createBindGroupLayout({ label, entries })
    this.layouts.set(label, layout)
    return layout
  }

  private pipelineOf({ code, label, buffers }: Dispatch): Promise<GPUComputePipeline> {
    const known = this.pipelines.get(code)
    if (known) {
      // The map's order is that of last use.
      this.pipelines.delete(code)
      this.pipelines.set(code, known)
      return known
    }
    const [oldest] = this.pipelines.keys()
    if (oldest !== undefined && this.pipelines.size >= mostPipelines) this.pipelines.delete(oldest)
    const module = this.device.createShaderModule({ label, code })
    const layout = this.device.createPipelineLayout({
      bindGroupLayouts: [this.layoutOf(buffers), this.uniformLayout, this.uniformLayout],
    })
    const pipeline = this.device
      .createComputePipelineAsync({ label, layout, compute: { module, entryPoint: 'main' } })
      .catch(async (error: unknown) => {
        throw await compileError(module, label, error)
      })
    this.pipelines.set(code, pipeline)
    return pipeline
  }
}

async function compileError(module: GPUShaderModule, label: string, cause: unknown): Promise<InterlockError> {
  const { messages } = await module.getCompilationInfo()
  const texts = messages.map(({ type, lineNum, message }) => `${type} in line ${lineNum}: ${message}`)
  const problem = `the shader of ${label} does not compile: ${texts.join('; ') || String(cause)}`
  return new InterlockError('INTERNAL', { problem }, { cause })
}
