/** Adapter and device, whatever gives the `GPU` object: Dawn under Node, `navigator.gpu` in Chromium. */

export interface GpuAdapter {
  adapter: GPUAdapter
  /** What a person should read, e.g. `NVIDIA GeForce RTX 3060`. */
  name: string
  /** It computes on the processor. */
  software: boolean
}

const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i

/** The fastest adapter, or null when there is none. */
export async function openAdapter(gpu: GPU): Promise<GpuAdapter | null> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return null
  const { vendor, architecture, device, description } = adapter.info
  const names = [vendor, architecture].filter((text) => text !== '').join(' ')
  return {
    adapter,
    name: description || names || device || 'unnamed adapter',
    software:
      adapter.info.isFallbackAdapter || softwareNames.test([architecture, device, description].join(' ')),
  }
}

/** A device with as large buffers as the adapter allows. */
export function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } })
}
