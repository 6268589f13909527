/**
 * Builds the text of a compute shader from a WGSL file that holds the arithmetic only. Buffers and sizes are generated in
 * front of it, sizes as constants, so that the driver's compiler can fold and unroll them.
 *
 * Every arena is bound whole and once (WebGPU forbids two views of a written buffer in one dispatch, and offsets of
 * bindings must be multiples of 256 bytes): a tensor is a base in its arena, hidden behind an accessor function. Bases come
 * from a uniform and not as constants, so that layers of equal size share one compiled pipeline.
 */
import type { ArenaName, PlanTensor } from '#shared/engine/plan'
import type { Dispatch, KernelContext } from './webgpuKernel'

/** Buffers a kernel may use, in the order of their binding numbers in group 0. */
export const bufferNames = [
  'activations',
  'parameters',
  'gradients',
  'state',
  'saved',
  'scratch',
  'moment1',
  'moment2',
  'images',
  'batches',
  'variants',
  'results',
] as const satisfies readonly (ArenaName | string)[]

export type BufferName = (typeof bufferNames)[number]

/**
 * `images`: values of 1, 2 or 4 bytes, packed; `batches`: per image its index in the set and its label; `variants`: per
 * image how augmentation changes it, three vectors. All are only read.
 */
export const readOnlyBuffers: ReadonlySet<BufferName> = new Set(['images', 'batches', 'variants'])

const elementTypes: Partial<Record<BufferName, string>> = {
  images: 'u32',
  batches: 'vec2i',
  variants: 'vec4i',
}

/** What changes from step to step, in group 1 (a uniform with a dynamic offset). Must match `executors/gpu/stepTable.ts`. */
const stepStruct = `
struct Step {
  count: u32,        // real images of this step, 1 … BATCH
  firstImage: u32,   // position of the first one in 'batches'
  slot: u32,         // where this step's loss and correct count go in 'results'
  number: u32,       // training steps done before this one
  learningRate: f32,
  stepSize: f32,     // Adam: learningRate / (1 − beta1^t)
  rootCorrection: f32, // Adam: √(1 − beta2^t)
  pixelBytes: u32,   // bytes of an image's value: 1, 2 (whole numbers) or 4 (floats)
}
@group(1) @binding(0) var<uniform> current: Step;
`

export interface ShaderParts {
  label: string
  /**
   * Tensors by the accessor's name: `x(i)` reads float i of the tensor (of the whole batch for activations), `x4(i)` four
   * from there; `xAt(i)` is where that float is in its arena.
   */
  reads?: Readonly<Record<string, PlanTensor>>
  /** Tensors by the accessor's name: `y` gives `setY(i, value)` and `setYAt(i)`. */
  writes?: Readonly<Record<string, PlanTensor>>
  buffers?: readonly BufferName[]
  /** Whole numbers become `u32`, names with a leading `f_` become `f32` without the prefix. */
  constants?: Readonly<Record<string, number>>
  code: string
  work: number
  scratch?: number
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function constantLine([name, value]: [string, number]): string {
  if (name.startsWith('f_')) return `const ${name.slice(2)}: f32 = ${value};`
  return `const ${name}: u32 = ${value}u;`
}

/** First float of a tensor in its arena. */
function base(context: KernelContext, tensor: PlanTensor): number {
  return tensor.arena === 'activations' ? tensor.offset * context.batch : tensor.offset
}

interface Header {
  text: string
  buffers: BufferName[]
  bases: number[]
}

/** Accessors of a tensor that is read: one float, and four in a row. */
function readers(name: string, arena: ArenaName, place: string): string {
  const four = [0, 1, 2, 3].map((j) => `${arena}[at + ${j}u]`).join(', ')
  return (
    `fn ${name}At(i: u32) -> u32 { return ${place}; }\n` +
    `fn ${name}(i: u32) -> f32 { return ${arena}[${place}]; }\n` +
    `fn ${name}4(i: u32) -> vec4f { let at = ${place}; return vec4f(${four}); }`
  )
}

/** Accessors of a tensor that is written. */
function writers(name: string, arena: ArenaName, place: string): string {
  return (
    `fn set${capitalised(name)}At(i: u32) -> u32 { return ${place}; }\n` +
    `fn set${capitalised(name)}(i: u32, value: f32) { ${arena}[${place}] = value; }`
  )
}

function header(context: KernelContext, parts: ShaderParts): Header {
  const used = new Set<BufferName>(parts.buffers)
  if (parts.scratch) used.add('scratch')
  const bases: number[] = []
  const place = (tensor: PlanTensor): string => {
    used.add(tensor.arena)
    const index = bases.push(base(context, tensor)) - 1
    return `bases[${index >> 2}][${index & 3}] + i`
  }
  const accessors = [
    ...Object.entries(parts.reads ?? {}).map(([name, tensor]) => readers(name, tensor.arena, place(tensor))),
    ...Object.entries(parts.writes ?? {}).map(([name, tensor]) => writers(name, tensor.arena, place(tensor))),
  ]
  const buffers = bufferNames.filter((name) => used.has(name))
  const bindings = buffers.map((name) => {
    const access = readOnlyBuffers.has(name) ? 'read' : 'read_write'
    const type = `array<${elementTypes[name] ?? 'f32'}>`
    return `@group(0) @binding(${bufferNames.indexOf(name)}) var<storage, ${access}> ${name}: ${type};`
  })
  const basesType = `array<vec4u, ${Math.max(1, Math.ceil(bases.length / 4))}>`
  const basesBinding = `@group(2) @binding(0) var<uniform> bases: ${basesType};`
  const constants = Object.entries({ BATCH: context.batch, ...parts.constants }).map(constantLine)
  const text = [...bindings, stepStruct, basesBinding, ...constants, ...accessors, ''].join('\n')
  return { text, buffers, bases }
}

/** A shader whose code defines its own entry point `main`. */
export function shader(
  context: KernelContext,
  parts: ShaderParts,
  workgroups: Dispatch['workgroups'],
): Dispatch {
  const { text, buffers, bases } = header(context, parts)
  const { label, work, scratch = 0 } = parts
  return { label, code: text + parts.code, buffers, bases, workgroups, work, scratch }
}

const elementThreads = 64
const mostWorkgroups = 65_535

/** `count` workgroups as a grid that respects WebGPU's limit per dimension; some at the end may be idle. */
export function workgroupGrid(count: number): [number, number] {
  const rows = Math.ceil(count / mostWorkgroups)
  return [Math.ceil(count / rows), rows]
}

/**
 * Most workgroups of an elementwise shader, which goes on to further elements in a loop. For adapters that compute on the
 * processor, where every thread costs some hundred instructions before it does anything.
 */
const mostSoftwareWorkgroups = 64

/** A shader whose code defines `fn compute(i: u32)`, called once for each i below `elements`. */
export function elementwise(context: KernelContext, parts: ShaderParts & { elements: number }): Dispatch {
  const { elements, code } = parts
  const wanted = Math.ceil(elements / elementThreads)
  const [columns, rows] = workgroupGrid(context.software ? Math.min(wanted, mostSoftwareWorkgroups) : wanted)
  const stride = columns * rows * elementThreads
  const each =
    stride < elements
      ? `for (var i = first; i < ${elements}u; i += ${stride}u) { compute(i); }`
      : `if (first < ${elements}u) { compute(first); }`
  const entry = `
@compute @workgroup_size(${elementThreads})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x + id.y * ${columns * elementThreads}u;
  ${each}
}
`
  return shader(context, { ...parts, code: code + entry }, [columns, rows, 1])
}

/** Sizes of a map as constants: `X_HEIGHT`, `X_WIDTH`, `X_CHANNELS`, `X_SIZE`. A vector is a map of 1×1. */
export function mapConstants(prefix: string, tensor: PlanTensor): Record<string, number> {
  const [height, width, channels] = tensor.shape.length === 3 ? tensor.shape : [1, 1, tensor.size]
  return {
    [`${prefix}_HEIGHT`]: height!,
    [`${prefix}_WIDTH`]: width!,
    [`${prefix}_CHANNELS`]: channels!,
    [`${prefix}_SIZE`]: tensor.size,
  }
}
