import { describe, test } from 'vitest'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { createWebGpuExecutor, probeWebGpu } from '../../src-main/engine/executors/webgpu'
import { definePytorchNetworks } from './pytorchNetworks'
import { useSoftwareAdapter } from './softwareAdapter'

useSoftwareAdapter()
const webGpu = await probeWebGpu()

// Learning rates cross the executor interface as float32, hence not tighter.
definePytorchNetworks('the reference', async () => new ReferenceExecutor(), { tolerance: 1e-6 })
definePytorchNetworks('the CPU executor', () => createWasmExecutor({ threads: 2 }))

// Compiling shaders takes a software adapter seconds: there only what reaches most, dropout or other losses and clipping.
if (webGpu.available)
  definePytorchNetworks(`WebGPU on ${webGpu.name}`, createWebGpuExecutor, {
    only: ({ dropout, clipNorm, labelSmoothing, classWeights }) =>
      dropout || clipNorm !== null || labelSmoothing > 0 || classWeights !== null,
  })
else
  describe('WebGPU trains as PyTorch does', () => {
    test.skip(`whole networks (no WebGPU adapter: ${webGpu.problem})`)
  })
