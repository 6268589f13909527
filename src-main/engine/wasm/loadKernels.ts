/** The kernels, compiled for this machine once per process. */
import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { workerFile } from '../workerFile'
import { plainTile, relaxedTile, wideTile, type MicroKernel } from './microKernel'
import { whyNotWide } from './wideCheck'

export interface Kernels {
  readonly module: WebAssembly.Module
  readonly micro: MicroKernel
  /** Pairs of 128-bit operations run as 256-bit ones. */
  readonly wide: boolean
  /** Which operations are used and why, one sentence. */
  readonly reason: string
}

/** Why wide operations are not even tried here, as part of a sentence. */
function whyNotTryWide(): string | null {
  if (process.env['INTERLOCK_WIDE'] === 'off') return 'INTERLOCK_WIDE=off'
  if (process.arch !== 'x64') return `they exist on x64 only, this is ${process.arch}`
  if (Number(process.versions.node.split('.')[0]) < 24)
    return `they need Node 24, this is ${process.versions.node}`
  return null
}

/** An empty custom section: V8 shares compiled code between modules of equal bytes, whatever the switches were. */
const section = [0, 5, 4, ...new TextEncoder().encode('wide')]

/**
 * Everything is compiled at once, by the optimising compiler, while the switches are set; they are process-wide, and so put
 * back before anything else is compiled.
 */
function compileWide(bytes: Uint8Array): WebAssembly.Module {
  const flags = ['experimental-wasm-revectorize', 'no-liftoff', 'no-wasm-lazy-compilation']
  for (const flag of flags) setFlagsFromString(`--${flag}`)
  try {
    return new WebAssembly.Module(Buffer.concat([bytes, Uint8Array.from(section)]))
  } finally {
    for (const flag of flags)
      setFlagsFromString(flag.startsWith('no-') ? `--${flag.slice(3)}` : `--no-${flag}`)
  }
}

async function compileNarrow(): Promise<Kernels & { bytes: Uint8Array; relaxed: boolean }> {
  const relaxedBytes = await readFile(workerFile('kernelsRelaxed.wasm'))
  const relaxed = WebAssembly.validate(relaxedBytes)
  const bytes = relaxed ? relaxedBytes : await readFile(workerFile('kernels.wasm'))
  const module = await WebAssembly.compile(bytes)
  return { module, micro: relaxed ? relaxedTile : plainTile, wide: false, reason: '', bytes, relaxed }
}

let narrow: ReturnType<typeof compileNarrow> | null = null
let best: Promise<Kernels> | null = null

async function loadBest(): Promise<Kernels> {
  const { bytes, relaxed, ...kernels } = await (narrow ??= compileNarrow())
  let refusal = whyNotTryWide()
  if (refusal === null && relaxed) {
    try {
      const module = compileWide(bytes)
      refusal = whyNotWide(module, kernels.module)
      if (refusal === null) {
        return { module, micro: wideTile, wide: true, reason: 'It computes with 256-bit operations (wide).' }
      }
    } catch (thrown) {
      refusal = thrown instanceof Error ? thrown.message : String(thrown)
    }
  }
  return { ...kernels, reason: `It computes with 128-bit operations (narrow; no 256-bit ones: ${refusal}).` }
}

/** `wide` false keeps to 128-bit operations; else 256-bit ones are used where a self-check at the first call allows. */
export async function loadKernels({ wide }: { wide: boolean }): Promise<Kernels> {
  if (wide) return (best ??= loadBest())
  const { module, micro } = await (narrow ??= compileNarrow())
  return { module, micro, wide: false, reason: 'It computes with 128-bit operations (narrow), as asked.' }
}
