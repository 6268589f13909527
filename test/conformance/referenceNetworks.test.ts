import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { definePytorchNetworks } from './pytorchNetworks'

// Learning rates cross the executor interface as float32, hence not tighter.
definePytorchNetworks('the reference', async () => new ReferenceExecutor(), 1e-6)
