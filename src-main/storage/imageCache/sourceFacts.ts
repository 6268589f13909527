/** What is known of the files of a folder from the last time they were read, so that a file that did not change is not opened. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../atomicFile'
import { bandParts } from '../bandFiles'
import type { BandSums } from '../measureNormalisation'
import { bandSumsSchema, packSums, unpackSums } from './bandSumsFile'

/** A change of a file changes one of these: bytes, time of change of its content, and of the file itself, in nanoseconds. */
export type FileStamp = readonly [size: number, content: string, file: string]

const factsSchema = z.object({
  format: z.literal('interlock-files'),
  version: z.literal(3),
  files: z.record(
    z.string(),
    z.tuple([z.number(), z.string(), z.string(), z.string(), bandSumsSchema, z.boolean()]),
  ),
})

export interface KnownFile {
  stamp: FileStamp
  /** Of the file's content. */
  hash: string
  sums: BandSums
  /** It has another size than the images that are made of it. */
  resized: boolean
}

/** A file changed so shortly before it was looked at may change again within the same tick of the clock. */
const settledAfter = 2_000_000_000n

/** The stamp of a file, and whether it can be relied on later; null where there is no such file. */
export async function stampFile(file: string): Promise<{ stamp: FileStamp; settled: boolean } | null> {
  const parts = bandParts(file)
  if (parts === null) return stampOne(file)
  const stamps = await Promise.all(parts.map((part) => stampOne(part.file)))
  const known = stamps.filter((one) => one !== null)
  if (known.length < stamps.length) return null
  const stamp: FileStamp = [
    known.reduce((sum, one) => sum + one.stamp[0], 0),
    known.map((one) => one.stamp[1]).join(' '),
    known.map((one) => one.stamp[2]).join(' '),
  ]
  return { stamp, settled: known.every(({ settled }) => settled) }
}

async function stampOne(file: string): Promise<{ stamp: FileStamp; settled: boolean } | null> {
  const now = BigInt(Date.now()) * 1_000_000n
  const info = await stat(file, { bigint: true }).catch(() => null)
  if (info === null) return null
  const latest = info.mtimeNs > info.ctimeNs ? info.mtimeNs : info.ctimeNs
  const stamp = [Number(info.size), String(info.mtimeNs), String(info.ctimeNs)] as const
  return { stamp, settled: now - latest > settledAfter }
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2]
}

/** Name of the facts about a folder's files. */
export function factsName(folder: string): string {
  return `files-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`
}

/** By file. Facts that cannot be read are none. */
export async function readFacts(cacheFolder: string, name: string): Promise<Map<string, KnownFile>> {
  const known = new Map<string, KnownFile>()
  try {
    const text = await readFile(join(cacheFolder, `${name}.json`), 'utf8')
    const { files } = factsSchema.parse(JSON.parse(text))
    for (const [file, [size, content, changed, hash, sums, resized]] of Object.entries(files))
      known.set(file, { stamp: [size, content, changed], hash, sums: unpackSums(sums), resized })
  } catch {
    known.clear()
  }
  return known
}

/** Throws FILE_UNWRITABLE. */
export async function writeFacts(
  cacheFolder: string,
  name: string,
  known: ReadonlyMap<string, KnownFile>,
): Promise<void> {
  const files = Object.fromEntries(
    Array.from(known, ([file, { stamp, hash, sums, resized }]) => [
      file,
      [...stamp, hash, packSums(sums), resized],
    ]),
  )
  const facts = { format: 'interlock-files', version: 3, files }
  await writeFileAtomic(join(cacheFolder, `${name}.json`), JSON.stringify(facts))
}
