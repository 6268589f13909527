/**
 * The project file (`*.interlock.json`, blocks.md): its schema.
 * Unknown keys and values out of range are named. A file that is JSON of a known version still opens with its problems,
 * so that nothing is discarded; `problems` must be empty before it may be trained or overwritten.
 */
import { z } from 'zod'
import { parseFormula } from '../data/formula'
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

const bandName = z.string().trim().min(1).max(100)
const maxBands = 4096
const distinct = (names: readonly string[]) => new Set(names).size === names.length

function checkFormula(formula: string, context: z.RefinementCtx): void {
  try {
    parseFormula(formula)
  } catch (thrown) {
    context.addIssue({ code: 'custom', message: thrown instanceof Error ? thrown.message : String(thrown) })
  }
}

export const dataSchema = z.strictObject({
  /** `sample:digits`, or a folder relative to the project file, with `/`. Null while none is chosen. */
  source: z.string().min(1).nullable().default(null),
  /** The folder below `source` whose sub-folders are the classes, with `/`; `.` is the source itself. Null: found (`classRoot.ts`). */
  root: innerFolder.nullable().default(null),
  resize: z.enum(['stretch', 'crop', 'pad']).default('stretch'),
  /** Of the training part: mean 0 and deviation 1, from 0 to 1; or shares of full scale, or of `divisor`. */
  normalise: z.enum(['standardise', 'minmax', 'unit', 'divide']).default('standardise'),
  /** What `divide` divides by: 10,000 for reflectances as Sentinel-2 and Landsat products hold them. */
  divisor: z.number().positive().max(1e12).default(10_000),
  /** What the bands of the files are called, in their order; null: as the files name them, else by their number. */
  bandNames: z
    .array(bandName)
    .min(1)
    .max(maxBands)
    .refine(distinct, 'each name once')
    .nullable()
    .default(null),
  /** The stored bands that the network gets, in its order; null: all, or grey or colour of pictures. */
  bands: z.array(bandName).min(1).max(maxBands).refine(distinct, 'each band once').nullable().default(null),
  /** Bands computed from stored ones (`data/formula.ts`), after those of `bands`. */
  indices: z
    .array(z.strictObject({ name: bandName, formula: z.string().max(1000).superRefine(checkFormula) }))
    .max(maxBands)
    .refine((indices) => distinct(indices.map(({ name }) => name)), 'each name once')
    .default([]),
  /** The bands that pictures show as red, green and blue, or one as grey; null: as usual (`data/displayBands.ts`). Nothing else changes. */
  display: z
    .array(bandName)
    .refine(({ length }) => length === 1 || length === 3, 'one band, or three')
    .nullable()
    .default(null),
  /** What says which part an image is for: chance, the root's sub-folders (train, val, test), lists, or blocks of the map. */
  splitBy: z.enum(['seed', 'folders', 'lists', 'blocks']).default('seed'),
  /** Files that name the images of a part (`partLists.ts`), relative to the project file, with `/`. */
  trainingList: z.string().min(1).nullable().default(null),
  validationList: z.string().min(1).nullable().default(null),
  testList: z.string().min(1).nullable().default(null),
  /** Side of a block and least distance between parts, in map units; null follows from the tiles (`spatialBlocks.ts`). */
  blockSize: z.number().positive().nullable().default(null),
  blockBuffer: z.number().min(0).nullable().default(null),
  /** Other images that are validated on, in place of a part of these; as `source`. All but the test part of these is trained on. */
  validationSource: z.string().min(1).nullable().default(null),
  validationSplit: z.number().gt(0).lt(1).default(0.2),
  testSplit: z.number().min(0).lt(1).optional(),
  splitSeed: z.int().min(0).max(0xffff_ffff).default(1),
  /** Files that are neither trained on nor held out, relative to `source` with `/`. The others stay in the part they are in. */
  excluded: z.array(z.string().min(1).max(4096)).max(100_000).default([]),
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
