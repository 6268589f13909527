/** The buffers of one plan, and what is said when they do not fit. */
import type { Plan } from '#shared/engine/plan'
import { planAugmentation } from '../../ops/gather/variant'
import { optimizerMoments } from '../../ops/optimizer/moments'
import type { KernelContext } from '../../ops/webgpuKernel'
import type { BufferName } from '../../ops/webgpuShader'
import { availableText, planMemoryError } from '../planMemoryError'
import { bufferUsage } from './constants'
import { buildProgram, type Program } from './gpuProgram'

/** Buffers that belong to the plan; `images` belongs to an image set. */
type PlanBufferName = Exclude<BufferName, 'images'>

export type PlanBuffers = Readonly<Record<PlanBufferName, GPUBuffer>>

/** Everything about a plan at one batch size that follows without a device. */
export interface Layout {
  batch: number
  stepsPerWindow: number
  program: Program
  bytes: Readonly<Record<PlanBufferName, number>>
  total: number
}

/** Probabilities of a window stay below this; fewer steps are run between two read-backs of large networks. */
const mostResultFloats = 1 << 20
const mostSteps = 256
/** Words per image in `variants`: three vectors. */
export const variantStride = 12
/** Bytes per image in `batches`: its index and its label. */
export const batchEntryBytes = 8

export function planLayout(plan: Plan, batch: number, software: boolean): Layout {
  const perStep = batch * plan.classes
  const stepsPerWindow = Math.max(1, Math.min(mostSteps, Math.floor(mostResultFloats / perStep)))
  const context: KernelContext = {
    batch,
    tensor: (id) => plan.tensors[id]!,
    seed: plan.seed,
    stepsPerWindow,
    software,
  }
  const program = buildProgram(plan, context)
  const scratch = Math.max(0, ...[...program.train, ...program.infer].map((dispatch) => dispatch.scratch))
  const moments = plan.optimizer ? optimizerMoments(plan.optimizer) : []
  const { activations, parameters, gradients, state, saved } = plan.arenas
  const floats = {
    activations: activations * batch,
    parameters,
    gradients,
    state,
    saved,
    scratch,
    moment1: moments.includes('moment1') ? parameters : 0,
    moment2: moments.includes('moment2') ? parameters : 0,
    batches: (stepsPerWindow * batch * batchEntryBytes) / 4,
    variants: planAugmentation(plan) ? stepsPerWindow * batch * variantStride : 0,
    results: stepsPerWindow * (2 + perStep),
  }
  // A buffer that no kernel of this plan uses still has to exist, with room for one vector.
  const bytes = Object.fromEntries(
    Object.entries(floats).map(([name, count]) => [name, Math.max(16, 4 * count)]),
  ) as Record<PlanBufferName, number>
  return {
    batch,
    stepsPerWindow,
    program,
    bytes,
    total: Object.values(bytes).reduce((sum, size) => sum + size, 0),
  }
}

function largest(layout: Layout): number {
  return Math.max(...Object.values(layout.bytes))
}

function largestAllowed(device: GPUDevice): number {
  return Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize)
}

/** Creates all buffers of a layout, or null when the device has no room for them. */
async function tryAllocate(device: GPUDevice, layout: Layout): Promise<PlanBuffers | null> {
  if (largest(layout) > largestAllowed(device)) return null
  device.pushErrorScope('out-of-memory')
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination
  const buffers = Object.fromEntries(
    Object.entries(layout.bytes).map(([label, size]) => [label, device.createBuffer({ label, size, usage })]),
  ) as Record<PlanBufferName, GPUBuffer>
  if (!(await device.popErrorScope())) return buffers
  destroyBuffers(buffers)
  return null
}

export function destroyBuffers(buffers: PlanBuffers): void {
  for (const buffer of Object.values(buffers)) buffer.destroy()
}

/** Whether the device has room for a layout at this moment. */
async function hasRoom(device: GPUDevice, layout: Layout): Promise<boolean> {
  const buffers = await tryAllocate(device, layout)
  if (buffers) destroyBuffers(buffers)
  return buffers !== null
}

/** Throws OUT_OF_MEMORY with the largest batch that the device takes, NETWORK_EXCEEDS_MEMORY. */
export async function allocateBuffers(
  device: GPUDevice,
  plan: Plan,
  layout: Layout,
  software: boolean,
): Promise<PlanBuffers> {
  const buffers = await tryAllocate(device, layout)
  if (buffers) return buffers
  const { batch } = layout
  const limit = largestAllowed(device)
  const layoutOf = (images: number): Layout => planLayout(plan, images, software)
  const isWithin = (images: number): boolean => largest(layoutOf(images)) <= limit
  // The largest batch within the limit of one buffer. The arenas say where to begin; other buffers seldom go beyond them.
  const most = Math.min(batch - 1, Math.floor(limit / (4 * plan.arenas.activations)))
  let within = most > 0 && isWithin(1) ? most : 0
  while (within > 0 && !isWithin(within)) within--
  // What the device has room for is known only by trying.
  let fits = 0
  let tooMany = within + 1
  for (let trial = within; tooMany - fits > 1; trial = (fits + tooMany) >> 1) {
    if (await hasRoom(device, layoutOf(trial))) fits = trial
    else tooMany = trial
  }
  const overLimit = fits === within && !isWithin(fits + 1)
  const room = fits === 0 ? 'less' : `little more than ${availableText(layoutOf(fits).total)}`
  throw planMemoryError({
    batch,
    fits,
    bytesOf: (images) => (overLimit ? largest(layoutOf(images)) : layoutOf(images).total),
    available: overLimit ? `${availableText(limit)} in one buffer` : room,
  })
}
