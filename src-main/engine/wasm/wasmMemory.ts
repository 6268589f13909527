/** The one memory of a prepared plan: allocated whole, its argument structs filled in. */
import type { Plan } from '#shared/engine/plan'
import { availableText, planMemoryError } from '../executors/planMemoryError'
import { machineMemory } from '../machineMemory'
import { planBytes } from '../plan/planBytes'
import { compileProgram } from './compileProgram'
import type { MicroKernel } from './microKernel'
import { lanes, type KernelArgument, type Program } from './program'

const pageBytes = 65536
/** Addresses of WebAssembly memory have 32 bits. */
const addressableBytes = 65536 * pageBytes

/** Most bytes of a plan: half of the memory is left to images, files and everything else. */
function usualPlanBytes(): number {
  return Math.min(addressableBytes, machineMemory() / 2)
}

/**
 * The largest batch below the plan's that takes at most so many bytes; 0 if none does. Looked for from above, since more images
 * can take less: the number of partial gradients does not always grow with them.
 */
function fittingBatch(plan: Plan, bytesOf: (batch: number) => number, bytes: number): number {
  // The arenas alone say where to begin.
  const most = Math.floor((bytes - planBytes(plan, 0)) / (4 * plan.arenas.activations))
  let batch = Math.max(0, Math.min(plan.batchSize - 1, most))
  while (batch > 0 && bytesOf(batch) > bytes) {
    // A block of images takes the same for any number of them, but for few of them in inference.
    const block = plan.optimizer === null && batch <= lanes ? 1 : lanes
    batch = Math.floor((batch - 1) / block) * block
  }
  return batch
}

/** What the system gives where it refused `bytes`: the first half, quarter … that it does give; 0 if nothing. */
function givenBytes(bytes: number): number {
  for (let pages = Math.ceil(bytes / pageBytes) >> 1; pages > 0; pages >>= 1)
    if (tryMemory(pages * pageBytes)) return pages * pageBytes
  return 0
}

function tryMemory(bytes: number): WebAssembly.Memory | null {
  const pages = Math.ceil(bytes / pageBytes)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch {
    return null
  }
}

/** Throws OUT_OF_MEMORY with the batch size that would fit, NETWORK_EXCEEDS_MEMORY. `most`: bytes it may take. */
export function allocateMemory(
  plan: Plan,
  bytes: number,
  threads: number,
  micro: MicroKernel,
  most = usualPlanBytes(),
): WebAssembly.Memory {
  const memory = bytes <= most ? tryMemory(bytes) : null
  if (memory) return memory
  const given = bytes <= most ? givenBytes(bytes) : most
  const bytesOf = (batch: number): number =>
    compileProgram({ ...plan, batchSize: batch }, threads, micro).program.bytes
  const fits = fittingBatch(plan, bytesOf, given)
  throw planMemoryError({
    batch: plan.batchSize,
    bytesOf,
    available: given > 0 ? availableText(given) : 'less',
    fits,
  })
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
