/**
 * Versions of the project file. Each step brings blocks, and settings whose default means what files without them mean: an
 * older file needs nothing but those defaults, and a project that uses none of them is written in the older version, so that older
 * programs still open it. A new block or setting is a name in `steps`; a step that must change what is there has a `migrate` too.
 */
import { projectVersion } from './schema'

type Raw = Record<string, unknown>

interface Step {
  /** Block types and settings that came with this version. */
  readonly blocks: readonly string[]
  readonly data: readonly string[]
  /** Values of older settings that came with it. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>
  readonly training: readonly string[]
  /** From the version before. The content is not checked; that comes after. */
  readonly migrate?: (raw: Raw) => Raw
}

/** By the version they lead to. */
const steps: Readonly<Record<number, Step>> = {
  2: { blocks: ['crop2d'], data: [], training: ['clipNorm', 'labelSmoothing', 'classWeights'] },
  3: {
    blocks: [],
    data: [
      ...['root', 'splitBy', 'trainingList', 'validationList', 'testList', 'blockSize', 'blockBuffer'],
      ...['bandNames', 'bands', 'indices', 'divisor', 'excluded', 'display', 'validationSource'],
    ],
    values: { normalise: ['minmax', 'divide'] },
    training: ['batchSizes', 'schedule', 'warmup', 'earlyStopping', 'augmentation'],
  },
}

/** The file's content at the current version. */
export function migrateProject(raw: Raw, from: number): Raw {
  let current = raw
  for (let version = from + 1; version <= projectVersion; version += 1) {
    const step = steps[version]
    if (step === undefined) throw new RangeError(`no migration to version ${version}`)
    current = { ...(step.migrate?.(current) ?? current), version }
  }
  return current
}

/** What a project file spells out: its block types, and the settings that are not left out as defaults. */
export interface Written {
  blocks: readonly string[]
  data: Raw
  training: Raw
}

/** The lowest version that can hold all this. */
export function lowestVersion({ blocks, data, training }: Written): number {
  const needed = Object.entries(steps).filter(
    ([, step]) =>
      step.blocks.some((type) => blocks.includes(type)) ||
      step.data.some((key) => Object.hasOwn(data, key)) ||
      Object.entries(step.values ?? {}).some(([key, values]) => values.includes(data[key])) ||
      step.training.some((key) => Object.hasOwn(training, key)),
  )
  return Math.max(1, ...needed.map(([version]) => Number(version)))
}
