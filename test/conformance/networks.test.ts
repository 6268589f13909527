import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { definePytorchNetworks } from './pytorchNetworks'

// Learning rates cross the executor interface as float32, hence not tighter.
definePytorchNetworks('the reference', async () => new ReferenceExecutor(), 1e-6)
definePytorchNetworks('the CPU executor', () => createWasmExecutor({ threads: 2 }))
