/**
 * Dawn, Chromium's WebGPU implementation, as the npm package `webgpu` brings it to Node. Loaded only when asked for: its
 * binary may be missing, too new for the system, or of no use (in Electron it cannot read buffers back).
 */
import { constants } from 'node:os'

/** Why Dawn cannot work here, for a person to read. */
export class DawnProblem extends Error {}

/**
 * Dawn prints a warning of its own when the Vulkan loader is absent; asking the system first gives a better sentence.
 * `dlopen` of the loader itself always throws (it is no Node add-on): only the message tells whether it was found.
 */
function checkVulkanLoader(): void {
  if (process.platform !== 'linux') return
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1', constants.dlopen.RTLD_LAZY)
  } catch (error) {
    if (/cannot open shared object file/.test(String(error)))
      throw new DawnProblem('the Vulkan loader (libvulkan.so.1) is not installed')
  }
}

/** Our kernels write workgroup memory before they read it; SwiftShader spends a second per shader on clearing it. */
const features = ['disable_workgroup_init']

/** Throws {@link DawnProblem}. The process can exit once nothing refers to the result and its devices are destroyed. */
export async function openDawn(): Promise<GPU> {
  if (process.versions['electron'])
    throw new DawnProblem('Electron cannot use Dawn in this process (no external array buffers)')
  checkVulkanLoader()
  try {
    const { create } = await import('webgpu')
    return create([`enable-dawn-features=${features.join(',')}`])
  } catch (error) {
    throw new DawnProblem(`WebGPU for Node could not be loaded: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
