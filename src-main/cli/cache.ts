import { Command } from 'commander'
import { userCache } from '../storage/imageStore'
import { readSettings, writeSettings } from '../storage/settingsFile'
import { positiveNumber } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { print, printJson } from './terminal'

interface CacheCommandOptions {
  clear?: true
  limit?: number
  json?: true
}

export function cacheCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('cache')
    .description('size and limit of the image cache, where decoded images are kept')
    .option('--clear', 'throw out everything')
    .option('--limit <GB>', 'keep at most so much from now on', positiveNumber)
    .option('--json', 'the result as JSON on stdout')
    .action((options: CacheCommandOptions) => run(() => cache(options)))
}

async function cache({ clear, limit, json }: CacheCommandOptions): Promise<ExitCode> {
  if (limit !== undefined)
    await writeSettings({ ...(await readSettings()), imageCacheBytes: Math.round(limit * 2 ** 30) })
  const images = userCache()
  if (clear === true) await images.clear()
  if (limit !== undefined) await images.makeRoom(0, new Set())
  const result = { folder: images.folder, bytes: await images.size(), limit: await images.limit() }
  if (json === true) printJson(result)
  else print(`${gigabytes(result.bytes)} of at most ${gigabytes(result.limit)} in ${result.folder}`)
  return exitCodes.done
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GB`
}
