import Conf from 'conf'
import { dirname, join, resolve } from 'node:path'

/**
 * Where Interlock keeps settings and runs: `INTERLOCK_HOME` where it is set, else the system's place for an application's
 * data (`~/.config/interlock`, `~/Library/Preferences/interlock`, `%APPDATA%\interlock\Config`).
 */
export function userFolder(): string {
  const home = process.env['INTERLOCK_HOME']
  if (home !== undefined && home !== '') return resolve(home)
  return dirname(new Conf({ projectName: 'interlock', projectSuffix: '' }).path)
}

/** Folder with one sub-folder per run. */
export function runsFolder(): string {
  return join(userFolder(), 'runs')
}
