import { z } from 'zod'
import { foundText } from '#shared/blocks/paramValues'
import { InterlockError } from '#shared/issues/errors'
import { projectProblems } from '#shared/project/projectProblems'
import { dataSchema, projectSchema, type ProjectFile } from '#shared/project/schema'
import type { MainServices } from '#shared/rpc/services'
import { augmentationSchema } from '#shared/training/augmentation'
import { trainingSchema } from '#shared/training/settings'

const text = z.string().max(4096)
const path = text.min(1).refine((value) => !value.includes('\0'), 'a path without null characters')
/** Characters of a table that the window made: less than a message may carry. */
const mostTable = 4 * 2 ** 20
const runId = z.string().regex(/^[\w-]{1,80}$/, 'the id of a run')
const listing = z.int().min(1)
const display = dataSchema.shape.display.unwrap()
const displaySettings = dataSchema.pick({ bandNames: true, indices: true, display: true })
const keptId = z.string().regex(/^[\w-]{1,80}$/, 'the id of a window')

/** A project from the window must be whole; a half-filled one gets PROJECT_INVALID, which names every place. */
const project = z.custom<ProjectFile>((value) => typeof value === 'object' && value !== null, 'a project')

const startTraining = z.strictObject({
  project,
  projectFile: path.nullable(),
  executor: z.enum(['auto', 'webgpu', 'cpu']),
  threads: z.int().min(1).max(1024).nullable(),
  weightsFrom: runId.nullish(),
})

const continueTraining = z.strictObject({
  runId,
  executor: z.enum(['auto', 'webgpu', 'cpu']),
  threads: z.int().min(1).max(1024).nullable(),
  epochs: trainingSchema.shape.epochs.unwrap(),
  batchSize: trainingSchema.shape.batchSize.unwrap(),
  learningRate: z.number().positive().max(100),
})

const repeatRun = z.strictObject({
  runId,
  count: z.int().min(2).max(100),
  executor: z.enum(['auto', 'webgpu', 'cpu']),
  threads: z.int().min(1).max(1024).nullable(),
})

const compareSplits = startTraining
  .omit({ weightsFrom: true })
  .extend({ epochs: trainingSchema.shape.epochs.unwrap() })

const side = z.int().min(1).max(16_384)
const augmentedExampleOf = z.strictObject({
  augmentation: augmentationSchema,
  seed: trainingSchema.shape.seed.unwrap(),
  target: z.strictObject({ height: side, width: side, channels: z.int().min(1).max(4096) }),
  round: z.int().min(0).max(1_000_000),
  variants: z.int().min(1).max(32),
})

const forecast = z.strictObject({
  project,
  executor: z.enum(['auto', 'webgpu', 'cpu']),
  threads: z.int().min(1).max(1024).nullable(),
  images: z.strictObject({ training: z.int().min(1), validation: z.int().min(0) }),
  probe: z.boolean(),
})

const sceneMap = z.strictObject({
  runId,
  ...{ scene: path, out: path },
  ...{ patch: z.int().min(1).max(16_384), stride: z.int().min(1).max(16_384) },
  ...{ replace: z.boolean(), display },
})
const searchId = z.string().regex(/^[\w-]{1,80}$/, 'the id of a search')
const searchRate = startTraining.omit({ weightsFrom: true }).extend({ searchId })

const runModel = z.enum(['best', 'last'])
const evaluation = z.strictObject({
  runId,
  model: runModel,
  part: z.enum(['validation', 'test', 'folder']),
  folder: path.nullable(),
})
const evaluationId = z.string().regex(/^[\w-]{1,80}\.[0-9a-f]{16}-[0-9a-f]{16}$/, 'the id of an evaluation')
const index = z.int().min(0).max(0xffff_ffff)
const imageChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cell'), truth: index, predicted: index }),
  z.strictObject({ kind: z.literal('mistakes') }),
])
const uploadId = z.string().regex(/^[\w-]{1,80}$/, 'the id of an upload')
const piece = z
  .instanceof(Uint8Array)
  .refine(({ byteLength }) => byteLength <= 8 * 2 ** 20, 'a piece of at most 8 MB')

type Arguments = {
  readonly [S in keyof MainServices]: {
    readonly [M in keyof MainServices[S]]: MainServices[S][M] extends (...args: infer A) => unknown
      ? z.ZodType<A>
      : never
  }
}

/** What every method of every service accepts. Total: a new method does not compile without its line here. */
const schemas: Arguments = {
  app: { info: z.tuple([]), reveal: z.tuple([path]) },
  project: {
    open: z.tuple([path]),
    save: z.tuple([path, project, text]),
    saveCopy: z.tuple([path, project, text]),
    recent: z.tuple([]),
    forgetRecent: z.tuple([path]),
  },
  recovery: {
    keep: z.tuple([keptId, text, path.nullable(), z.string().max(12 * 1024 * 1024)]),
    kept: z.tuple([]),
    take: z.tuple([keptId]),
    drop: z.tuple([keptId]),
  },
  dialog: {
    native: z.tuple([]),
    pickFolder: z.tuple([text]),
    pickProjectToOpen: z.tuple([]),
    pickProjectToSave: z.tuple([text]),
    pickReportToSave: z.tuple([text]),
    pickSceneToOpen: z.tuple([]),
    pickListToOpen: z.tuple([text]),
    listFolder: z.tuple([path.nullable(), z.boolean()]),
  },
  data: {
    inspect: z.tuple([dataSchema, path.nullable(), z.boolean()]),
    stopInspecting: z.tuple([]),
    examples: z.tuple([dataSchema, path.nullable(), z.int().min(1).max(50)]),
    augmented: z.tuple([dataSchema, path.nullable(), augmentedExampleOf]),
    cacheSize: z.tuple([]),
    clearCache: z.tuple([]),
  },
  survey: {
    list: z.tuple([dataSchema, path.nullable()]),
    survey: z.tuple([listing, dataSchema]),
    stop: z.tuple([]),
    thumbnails: z.tuple([
      listing,
      z.array(z.int().min(0)).min(1).max(64),
      z.int().min(16).max(1024),
      displaySettings,
    ]),
  },
  training: {
    start: z.tuple([startTraining]),
    stop: z.tuple([runId]),
    pause: z.tuple([runId]),
    resume: z.tuple([runId]),
    continueRun: z.tuple([continueTraining]),
    runs: z.tuple([]),
    run: z.tuple([runId]),
    repeat: z.tuple([repeatRun]),
    compareSplits: z.tuple([compareSplits]),
    label: z.tuple([runId, z.string().max(200), z.string().max(20_000)]),
    deleteRun: z.tuple([runId]),
    executors: z.tuple([]),
    forecast: z.tuple([forecast]),
    searchRate: z.tuple([searchRate]),
    stopSearch: z.tuple([searchId]),
  },
  export: { exportRun: z.tuple([runId, path]), predict: z.tuple([runId, z.array(path).min(1).max(10_000)]) },
  evaluation: {
    find: z.tuple([evaluation]),
    start: z.tuple([evaluation]),
    state: z.tuple([evaluationId]),
    cancel: z.tuple([evaluationId]),
    changed: z.tuple([evaluationId]),
    curves: z.tuple([evaluationId, index]),
    images: z.tuple([evaluationId, imageChoice, index, z.int().min(1).max(200)]),
    thumbnails: z.tuple([evaluationId, z.array(index).min(1).max(100), z.int().min(16).max(512), display]),
    writeReport: z.tuple([evaluationId, path, z.boolean(), display]),
    writeTables: z.tuple([evaluationId, path, z.boolean()]),
    writeNewImages: z.tuple([z.string().max(mostTable), path, z.boolean()]),
    upload: z.tuple([uploadId, piece]),
    predictUpload: z.tuple([uploadId, text, runId, runModel, display]),
  },
  scene: {
    inspect: z.tuple([path, runId]),
    start: z.tuple([sceneMap]),
    state: z.tuple([z.uuid()]),
    cancel: z.tuple([z.uuid()]),
  },
}

/**
 * The same services, with every argument checked before the method sees it. Bad arguments answer ARGUMENT_INVALID with
 * method and place, an unsound project PROJECT_INVALID.
 */
export function validated(services: MainServices): MainServices {
  const checked = Object.entries(schemas).map(([service, methods]) => {
    const target = services[service as keyof MainServices] as unknown as Record<
      string,
      (...args: unknown[]) => unknown
    >
    const wrapped = Object.entries<z.ZodType<unknown[]>>(methods).map(([method, schema]) => [
      method,
      async (...args: unknown[]) => target[method]?.(...checkArguments(`${service}.${method}`, schema, args)),
    ])
    return [service, Object.fromEntries(wrapped) as unknown]
  })
  return Object.fromEntries(checked) as MainServices
}

function checkArguments(name: string, schema: z.ZodType<unknown[]>, args: unknown[]): unknown[] {
  // Ports may drop or fill trailing arguments that were left out.
  while (args.length > 0 && args.at(-1) === undefined) args = args.slice(0, -1)
  const result = schema.safeParse(args)
  if (!result.success) {
    const [issue] = result.error.issues
    const place = issue?.path.join('.') ?? ''
    const found = (issue?.path ?? []).reduce<unknown>(
      (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
      args,
    )
    throw new InterlockError('ARGUMENT_INVALID', {
      what: place === '' ? name : `${name}, argument ${place}`,
      expected: issue?.message ?? 'other arguments',
      found: foundText(found),
    })
  }
  // The last of all: whether a project is sound is asked only of a call that is otherwise right.
  const items = (schema as z.ZodTuple).def.items
  return result.data.map((value, i) => (items[i] === project ? soundProject(value) : withSoundProject(value)))
}

/** A request with the project in it replaced by its checked form with defaults filled in; anything else as it is. */
function withSoundProject(value: unknown): unknown {
  const holds = typeof value === 'object' && value !== null && 'project' in value
  return holds ? { ...value, project: soundProject(value.project) } : value
}

function soundProject(value: unknown): ProjectFile {
  const problems = projectProblems(value)
  if (problems.length > 0) {
    const name = (value as { name?: unknown }).name
    const file = typeof name === 'string' ? name : 'in the window'
    throw new InterlockError('PROJECT_INVALID', { file, problems: problems.join('; ') })
  }
  return projectSchema.parse(value)
}
