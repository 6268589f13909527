import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { defineConformance } from './conformance'

defineConformance('the CPU executor, 1 thread', () => createWasmExecutor({ threads: 1 }))
defineConformance('the CPU executor, 2 threads', () => createWasmExecutor({ threads: 2 }))
