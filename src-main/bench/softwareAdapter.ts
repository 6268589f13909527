import { existsSync } from 'node:fs'

const folder = '/usr/lib/chromium'

/**
 * The environment in which a process without a graphics card finds SwiftShader, the software Vulkan device that comes with
 * Debian's `chromium` package; null where it is not there, or a device is set up already.
 */
export function softwareAdapter(env = process.env): NodeJS.ProcessEnv | null {
  const driver = `${folder}/vk_swiftshader_icd.json`
  if (env['VK_ICD_FILENAMES'] !== undefined || process.platform !== 'linux' || !existsSync(driver))
    return null
  // Chromium brings its own Vulkan loader too.
  const libraries = [env['LD_LIBRARY_PATH'], folder].filter((path) => path !== undefined && path !== '')
  return { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries.join(':') }
}
