import { describe, test } from 'vitest'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { loadKernels } from '../../src-main/engine/wasm/loadKernels'
import { defineConformance } from './conformance'

const { wide, reason } = await loadKernels({ wide: true })
/** `npm test` runs this file on the Node that a person has and on Interlock's own; groups are named after what differs. */
const define = (name: string, threads: number, asked: boolean): void =>
  defineConformance(`the CPU executor, ${name}`, () => createWasmExecutor({ threads, wide: asked }), {
    fewImages: true,
  })

if (wide) {
  define('wide, 1 thread', 1, true)
  define('wide, 2 threads', 2, true)
} else {
  describe('conformance of the CPU executor, wide, 2 threads', () => {
    test.skip(`every operation (${reason})`)
  })
}
if (!wide) define(`narrow on Node ${process.versions.node}, 1 thread`, 1, false)
define(`narrow on Node ${process.versions.node}, 2 threads`, 2, false)
