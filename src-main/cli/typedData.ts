import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import type { DataSettings } from '#shared/project/schema'
import type { FolderScans } from '../services/folderScans'
import { sourcePath } from '../services/imageSource'
import { findRoot, namedRoot, partFolders } from '../storage/classRoot'
import { digitsSource } from '../storage/digits'
import { notNegative, positiveNumber, typedSource } from './arguments'
import { scanProgress } from './scanProgress'
import { say } from './terminal'

/** What may be typed about images in place of what a project says. */
export interface DataOptions {
  data?: string
  root?: string
  split?: DataSettings['splitBy']
  trainList?: string
  valList?: string
  testList?: string
  blockSize?: number
  blockBuffer?: number
}

const ways: DataSettings['splitBy'][] = ['seed', 'folders', 'lists', 'blocks']

export function addDataOptions(command: Command): Command {
  return command
    .option('--root <path>', 'the folder below the data whose sub-folders are the classes (default: found)')
    .addOption(new Option('--split <way>', 'what says which part an image is for').choices(ways))
    .option('--train-list <file>', 'names of the images to train on, with --split lists')
    .option('--val-list <file>', 'names of the images to validate on')
    .option('--test-list <file>', 'names of the images kept for evaluation')
    .option('--block-size <x>', 'side of a block in map units, with --split blocks', positiveNumber)
    .option('--block-buffer <x>', 'least distance between parts in map units', notNegative)
}

const typedList = (file: string | undefined) => (file === undefined ? undefined : resolve(file))

/**
 * A project's data settings with what is typed in their place. A folder that is typed has its own class root, and where that has
 * train, val or test folders and no way is typed, these are the split: said, as the window shows it.
 */
export async function typedData(
  data: DataSettings,
  { data: typed, root, split, ...options }: DataOptions,
  scans: FolderScans,
): Promise<DataSettings> {
  const source = typed === undefined ? data.source : typedSource(typed)
  const changed = {
    ...data,
    source,
    root: root ?? (typed === undefined ? data.root : null),
    splitBy: split ?? data.splitBy,
    trainingList: typedList(options.trainList) ?? data.trainingList,
    validationList: typedList(options.valList) ?? data.validationList,
    testList: typedList(options.testList) ?? data.testList,
    blockSize: options.blockSize ?? data.blockSize,
    blockBuffer: options.blockBuffer ?? data.blockBuffer,
  }
  if (typed === undefined || source === null || source === digitsSource) return changed
  const path = sourcePath(source, process.cwd())
  const progress = scanProgress(path)
  const scanned = await scans.scan(path, progress).finally(() => progress.end())
  const { tree } = changed.root === null ? findRoot(scanned) : namedRoot(scanned, changed.root)
  const parts = partFolders(tree)
  if (split === undefined)
    changed.splitBy = parts !== null ? 'folders' : data.splitBy === 'folders' ? 'seed' : data.splitBy
  if (split === undefined && parts !== null) {
    const names = Object.values(parts).flatMap((folders) => folders.map(({ name }) => name))
    say(`The folders ${names.join(', ')} are the split (--split seed takes them as classes).`)
  }
  return changed
}
