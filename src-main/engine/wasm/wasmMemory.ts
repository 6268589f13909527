/** The one memory of a prepared plan: allocated whole, its argument structs filled in. */
import { freemem, totalmem } from 'node:os'
import type { Plan } from '#shared/engine/plan'
import { InterlockError } from '#shared/issues/errors'
import { compileProgram } from './compileProgram'
import type { MicroKernel } from './microKernel'
import type { KernelArgument, Program } from './program'

const pageBytes = 65536
/** Addresses of WebAssembly memory have 32 bits. */
const maxBytes = 65536 * pageBytes

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GB`
}

/** The largest batch whose memory stays within so many bytes; 0 if none does. */
function fittingBatch(plan: Plan, threads: number, micro: MicroKernel, bytes: number): number {
  let fits = 0
  let tooLarge = plan.batchSize
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2)
    if (compileProgram({ ...plan, batchSize: middle }, threads, micro).program.bytes <= bytes) fits = middle
    else tooLarge = middle
  }
  return fits
}

function outOfMemory(
  plan: Plan,
  bytes: number,
  threads: number,
  micro: MicroKernel,
  available: number,
  cause?: unknown,
): InterlockError {
  const details = {
    needed: gigabytes(bytes),
    batch: plan.batchSize,
    available: gigabytes(available),
    fits: fittingBatch(plan, threads, micro, available),
  }
  return new InterlockError('OUT_OF_MEMORY', details, { cause })
}

/** Throws OUT_OF_MEMORY with the batch size that would fit. */
export function allocateMemory(
  plan: Plan,
  bytes: number,
  threads: number,
  micro: MicroKernel,
): WebAssembly.Memory {
  const limit = Math.min(maxBytes, totalmem())
  if (bytes > limit) throw outOfMemory(plan, bytes, threads, micro, limit)
  const pages = Math.ceil(bytes / pageBytes)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch (cause) {
    throw outOfMemory(plan, bytes, threads, micro, Math.min(freemem(), limit, bytes - 1), cause)
  }
}

/** Writes the argument structs that the kernels read. */
export function writeArguments(program: Program, memory: WebAssembly.Memory): void {
  const integers = new Int32Array(memory.buffer)
  const floats = new Float32Array(memory.buffer)
  const write = (at: number, argument: KernelArgument): void => {
    // Addresses beyond 2 GB wrap into the sign bit.
    if (typeof argument === 'number') integers[at] = argument | 0
    else floats[at] = argument.f32
  }
  const calls = [program.pack, program.train, program.infer].flat().flatMap((segment) => segment.calls)
  calls.forEach((call, index) => {
    call.args.forEach((argument, field) => write(program.args[index]! / 4 + field, argument))
  })
}
