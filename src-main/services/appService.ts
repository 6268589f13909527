import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { AppInfo, AppService } from '#shared/rpc/services'
import { readError } from '../storage/atomicFile'

/** On macOS an app is a folder, which `open` would start; `-R` only shows where it lies. */
const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open', '-R'],
  win32: ['explorer.exe'],
}

export class AppFacts implements AppService {
  constructor(
    private readonly shell: AppInfo['shell'],
    private readonly version: string,
  ) {}

  info(): Promise<AppInfo> {
    return Promise.resolve({
      version: this.version,
      shell: this.shell,
      platform: process.platform,
      node: process.versions.node,
      electron: process.versions['electron'] ?? null,
      homeFolder: homedir(),
    })
  }

  /** Shows a folder in the system's file manager; only folders, so that nothing is ever run. Throws DATA_NOT_A_FOLDER. */
  async reveal(folder: string): Promise<void> {
    const info = await stat(folder).catch((thrown: unknown) => {
      throw readError(folder, thrown)
    })
    if (!info.isDirectory()) throw new InterlockError('DATA_NOT_A_FOLDER', { folder })
    // A machine without a desktop has no file manager; the window shows the path itself as well.
    const [program, ...options] = openers[process.platform] ?? ['xdg-open']
    // Resolved, so that no name reads as an option.
    execFile(program, [...options, resolve(folder)], () => undefined)
  }
}
