/**
 * Steps from older versions of the project file: `migrations[n]` turns version n into version n + 1.
 * - Version 2 brought the block `crop2d`; everything in a file of version 1 means the same there.
 */
import { projectVersion } from './schema'

export type Migration = (raw: Record<string, unknown>) => Record<string, unknown>

export const migrations: Readonly<Record<number, Migration>> = { 1: (raw) => raw }

/** The file's content at the current version. The content is not checked; that comes after. */
export function migrateProject(raw: Record<string, unknown>, from: number): Record<string, unknown> {
  let current = raw
  for (let version = from; version < projectVersion; version += 1) {
    const step = migrations[version]
    if (step === undefined) throw new RangeError(`no migration from version ${version}`)
    current = { ...step(current), version: version + 1 }
  }
  return current
}
