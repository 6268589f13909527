/**
 * The project file (`*.interlock.json`, blocks.md): its schema.
 * Unknown keys and values out of range are named. A file that is JSON of a known version still opens with its problems,
 * so that nothing is discarded; `problems` must be empty before it may be trained or overwritten.
 */
import { z } from 'zod'
import { trainingSchema, type TrainingSettings } from '../training/settings'
import type { Graph } from '../graph/types'

export const projectFormat = 'interlock-project'
/** The newest version that is read. What each brought is in `migrations.ts`. */
export const projectVersion = 3

/** A path that does not lead out of the folder it is in. */
const innerFolder = z
  .string()
  .min(1)
  .refine(
    (path) => !/^([/\\]|[a-z]:)/i.test(path) && !path.split(/[/\\]/).includes('..'),
    'a folder below the source',
  )

export const dataSchema = z.strictObject({
  /** `sample:digits`, or a folder relative to the project file, with `/`. Null while none is chosen. */
  source: z.string().min(1).nullable().default(null),
  /** The folder below `source` whose sub-folders are the classes, with `/`; `.` is the source itself. Null: found (`classRoot.ts`). */
  root: innerFolder.nullable().default(null),
  resize: z.enum(['stretch', 'crop', 'pad']).default('stretch'),
  normalise: z.enum(['standardise', 'unit']).default('standardise'),
  /** What says which part an image belongs to: chance, or the root's sub-folders (train, val, test). */
  splitBy: z.enum(['seed', 'folders']).default('seed'),
  validationSplit: z.number().gt(0).lt(1).default(0.2),
  testSplit: z.number().min(0).lt(1).optional(),
  splitSeed: z.int().min(0).max(0xffff_ffff).default(1),
})

export type DataSettings = z.infer<typeof dataSchema>

const blockSchema = z.strictObject({
  id: z.string().min(1),
  type: z.string().min(1),
  params: z.record(z.string(), z.unknown()).default({}),
  name: z.string().min(1).optional(),
  position: z.tuple([z.number(), z.number()]).optional(),
})

const connectionSchema = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  input: z.int().min(0).optional(),
})

export const graphSchema = z.strictObject({
  blocks: z.array(blockSchema),
  connections: z.array(connectionSchema).default([]),
  groups: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        blocks: z.array(z.string()),
        collapsed: z.boolean().default(false),
      }),
    )
    .default([]),
  notes: z
    .array(z.strictObject({ id: z.string(), text: z.string(), position: z.tuple([z.number(), z.number()]) }))
    .default([]),
})

export const projectSchema = z.strictObject({
  format: z.literal(projectFormat),
  version: z.literal([1, 2, projectVersion]),
  name: z.string().min(1).max(200),
  graph: graphSchema,
  data: dataSchema.prefault({}),
  training: trainingSchema.prefault({}),
})

/** A project with every default filled in. */
export interface ProjectFile {
  format: typeof projectFormat
  /** A version has all that the ones before it have; a file is written with the lowest that can hold it (`serialiseProject`). */
  version: 1 | 2 | typeof projectVersion
  name: string
  graph: Graph
  data: DataSettings
  training: TrainingSettings
}
