import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where Interlock keeps settings and runs: `INTERLOCK_HOME` where it is set, else the system's place for an application's
 * data (`~/.config/interlock`, `~/Library/Application Support/interlock`, `%APPDATA%\interlock`).
 */
export function userFolder(): string {
  const { INTERLOCK_HOME: home, APPDATA: roaming, XDG_CONFIG_HOME: config } = process.env
  if (home) return resolve(home)
  if (process.platform === 'win32') return join(roaming || join(homedir(), 'AppData', 'Roaming'), 'interlock')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'interlock')
  return join(config || join(homedir(), '.config'), 'interlock')
}

/** Folder with one sub-folder per run. */
export function runsFolder(): string {
  return join(userFolder(), 'runs')
}
