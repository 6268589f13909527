/**
 * Compiles the kernels (AssemblyScript) to out/main/kernels.wasm and, with fused multiply-add for engines that have relaxed
 * SIMD, kernelsRelaxed.wasm. Does nothing when those files are newer than all sources.
 * `node src-main/engine/wasm/build.mjs [--force]`
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const sources = join(here, 'assembly')
const outputs = join(here, '../../../out/main')

/** Features of each build. */
const builds = { 'kernels.wasm': 'simd,threads', 'kernelsRelaxed.wasm': 'simd,threads,relaxed-simd' }

const options = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  // Numbers of the kernels lie below what the executor allocates; addresses 0 to 255 stay 0.
  ...['--memoryBase', '256'],
  // All threads share one memory, made by the executor for each plan.
  ...[
    '--importMemory',
    '--noExportMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ],
]

function isFresh() {
  const times = Object.keys(builds).map(
    (name) => statSync(join(outputs, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  const built = Math.min(...times)
  const files = [...readdirSync(sources).map((name) => join(sources, name)), fileURLToPath(import.meta.url)]
  return files.every((file) => statSync(file).mtimeMs < built)
}

/** Builds where needed. Throws with the compiler's messages when the sources do not compile. */
export async function buildKernels({ force = false } = {}) {
  if (!force && isFresh()) return
  const { default: compiler } = await import('assemblyscript/asc')
  mkdirSync(outputs, { recursive: true })
  for (const [name, features] of Object.entries(builds)) {
    const files = [join(sources, 'index.ts'), '-o', join(outputs, name)]
    const { error, stderr } = await compiler.main([...files, '--enable', features, ...options])
    if (error) throw new Error(`the CPU kernels do not compile:\n${stderr.toString()}`, { cause: error })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildKernels({ force: process.argv.includes('--force') })
