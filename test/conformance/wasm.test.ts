import { describe, test } from 'vitest'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { loadKernels } from '../../src-main/engine/wasm/loadKernels'
import { defineConformance } from './conformance'

const { wide, reason } = await loadKernels({ wide: true })
const name = `the CPU executor (${wide ? 'wide' : 'narrow'}, Node ${process.versions.node})`

defineConformance(`${name}, 1 thread`, () => createWasmExecutor({ threads: 1 }), { fewImages: true })
defineConformance(`${name}, 2 threads`, () => createWasmExecutor({ threads: 2 }), { fewImages: true })
if (wide) {
  const narrow = () => createWasmExecutor({ threads: 2, wide: false })
  defineConformance('the CPU executor, narrow by request', narrow, { fewImages: true })
} else
  describe('conformance of the CPU executor, wide', () => {
    test.skip(`every operation (${reason})`)
  })
