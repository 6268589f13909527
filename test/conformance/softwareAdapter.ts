/**
 * SwiftShader, the software Vulkan device that comes with Debian's `chromium` package, for tests of WebGPU on machines
 * without a graphics card. Call before anything loads Dawn, from the process's main thread (the environment of a worker
 * thread is a copy that native code does not see).
 */
import { existsSync } from 'node:fs'
import { constants } from 'node:os'

const folder = '/usr/lib/chromium'

/** Not among Node's constants: keep the library loaded although `dlopen` of something that is no add-on fails. */
const keepLoaded = 0x1000

/** True when the adapter is there (or another one is already set up through `VK_ICD_FILENAMES`). */
export function useSoftwareAdapter(): boolean {
  if (process.env['VK_ICD_FILENAMES']) return true
  const driver = `${folder}/vk_swiftshader_icd.json`
  if (process.platform !== 'linux' || !existsSync(driver)) return false
  process.env['VK_ICD_FILENAMES'] = driver
  try {
    // Chromium brings its own Vulkan loader. Once loaded it answers to its name, libvulkan.so.1, also where none is installed.
    process.dlopen({ exports: {} }, `${folder}/libvulkan.so.1`, constants.dlopen.RTLD_NOW | keepLoaded)
  } catch {
    // It is no Node add-on: always throws, and stays loaded.
  }
  return true
}
