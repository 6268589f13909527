import { describe, test } from 'vitest'
import { createWebGpuExecutor, probeWebGpu } from '../../src-main/engine/executors/webgpu'
import { defineConformance, webGpuLosses } from './conformance'
import { useSoftwareAdapter } from './softwareAdapter'

useSoftwareAdapter()
const report = await probeWebGpu()

if (report.available) defineConformance(`WebGPU on ${report.name}`, createWebGpuExecutor, webGpuLosses)
else
  describe('conformance of WebGPU', () => {
    test.skip(`every operation (no WebGPU adapter: ${report.problem})`)
  })
