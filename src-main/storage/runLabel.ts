import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from './atomicFile'

/**
 * What a person calls a run and writes about it: `label.json` in its folder, apart from the history, which a run under way
 * writes over and over. It bears the run's id, since a folder given on the command line may be used by another run later.
 */
const labelSchema = z.object({
  format: z.literal('interlock-label'),
  version: z.literal(1),
  runId: z.string(),
  name: z.string().min(1),
  note: z.string(),
})

export type RunLabel = Pick<z.infer<typeof labelSchema>, 'name' | 'note'>

const labelFile = 'label.json'

/** Null where the run has none that can be read. */
export async function readLabel(folder: string, runId: string): Promise<RunLabel | null> {
  try {
    const label = labelSchema.parse(JSON.parse(await readFile(join(folder, labelFile), 'utf8')))
    return label.runId === runId ? { name: label.name, note: label.note } : null
  } catch {
    return null
  }
}

/** Throws FILE_UNWRITABLE. */
export async function writeLabel(folder: string, runId: string, { name, note }: RunLabel): Promise<void> {
  const label = { format: 'interlock-label', version: 1, runId, name, note }
  await writeFileAtomic(join(folder, labelFile), `${JSON.stringify(label, null, 2)}\n`)
}
