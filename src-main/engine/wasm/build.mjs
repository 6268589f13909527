/**
 * Compiles the kernels (AssemblyScript) to out/main/kernels.wasm. Does nothing when that file is newer than all sources.
 * `node src-main/engine/wasm/build.mjs [--force]`
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const sources = join(here, 'assembly')
const output = join(here, '../../../out/main/kernels.wasm')

const options = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd,threads'],
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
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const files = [...readdirSync(sources).map((name) => join(sources, name)), fileURLToPath(import.meta.url)]
  return files.every((file) => statSync(file).mtimeMs < built)
}

/** Builds where needed. Throws with the compiler's messages when the sources do not compile. */
export async function buildKernels({ force = false } = {}) {
  if (!force && isFresh()) return
  const { default: compiler } = await import('assemblyscript/asc')
  mkdirSync(dirname(output), { recursive: true })
  const { error, stderr } = await compiler.main([join(sources, 'index.ts'), '-o', output, ...options])
  if (error) throw new Error(`the CPU kernels do not compile:\n${stderr.toString()}`, { cause: error })
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildKernels({ force: process.argv.includes('--force') })
