/** A plan as dispatches (pure), and dispatches as compiled pipelines. */
import type { Plan } from '#shared/engine/plan'
import { InterlockError } from '#shared/issues/errors'
import { optimizerDispatch } from '../../ops/optimizer/webgpu'
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
    train.push(optimizerDispatch(context, plan.optimizer, plan.arenas.parameters))
  return { train, infer: plan.infer.flatMap((pass) => passDispatches(pass, context)) }
}

export interface CompiledDispatch {
  pipeline: GPUComputePipeline
  layout: GPUBindGroupLayout
  buffers: readonly BufferName[]
  workgroups: readonly [number, number, number]
  work: number
}

export interface CompiledProgram {
  steps: Readonly<Record<StepMode, readonly CompiledDispatch[]>>
  stepLayout: GPUBindGroupLayout
}

async function compileError(module: GPUShaderModule, label: string, cause: unknown): Promise<InterlockError> {
  const { messages } = await module.getCompilationInfo()
  const texts = messages.map(({ type, lineNum, message }) => `${type} in line ${lineNum}: ${message}`)
  const problem = `the shader of ${label} does not compile: ${texts.join('; ') || String(cause)}`
  return new InterlockError('INTERNAL', { problem }, { cause })
}

/** Compiles every shader once (equal texts share a pipeline), all at the same time. */
export async function compileProgram(device: GPUDevice, program: Program): Promise<CompiledProgram> {
  const stepLayout = device.createBindGroupLayout({
    label: 'step',
    entries: [{ binding: 0, visibility: stageCompute, buffer: { type: 'uniform', hasDynamicOffset: true } }],
  })
  const layouts = new Map<string, GPUBindGroupLayout>()
  const layoutOf = (buffers: readonly BufferName[]): GPUBindGroupLayout => {
    const key = buffers.join(' ')
    const known = layouts.get(key)
    if (known) return known
    const entries = buffers.map((name): GPUBindGroupLayoutEntry => {
      const type = readOnlyBuffers.has(name) ? 'read-only-storage' : 'storage'
      return { binding: bufferNames.indexOf(name), visibility: stageCompute, buffer: { type } }
    })
    const layout = device.createBindGroupLayout({ label: key, entries })
    layouts.set(key, layout)
    return layout
  }

  const pipelines = new Map<string, Promise<GPUComputePipeline>>()
  const pipelineOf = ({ code, label, buffers }: Dispatch): Promise<GPUComputePipeline> => {
    const known = pipelines.get(code)
    if (known) return known
    const module = device.createShaderModule({ label, code })
    const layout = device.createPipelineLayout({ bindGroupLayouts: [layoutOf(buffers), stepLayout] })
    const pipeline = device
      .createComputePipelineAsync({ label, layout, compute: { module, entryPoint: 'main' } })
      .catch(async (error: unknown) => {
        throw await compileError(module, label, error)
      })
    pipelines.set(code, pipeline)
    return pipeline
  }

  const compile = (dispatches: readonly Dispatch[]): Promise<CompiledDispatch[]> =>
    Promise.all(
      dispatches.map(async (dispatch) => ({
        pipeline: await pipelineOf(dispatch),
        layout: layoutOf(dispatch.buffers),
        buffers: dispatch.buffers,
        workgroups: dispatch.workgroups,
        work: dispatch.work,
      })),
    )
  const [train, infer] = await Promise.all([compile(program.train), compile(program.infer)])
  return { steps: { train, infer }, stepLayout }
}
