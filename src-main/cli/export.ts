import { Command } from 'commander'
import { resolve } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { EngineClient } from '../services/engineClient'
import { exportModel } from '../services/exportModel'
import { readModelFile } from '../storage/modelFile'
import { exitCodes, type ExitCode } from './exitCode'
import { print, printJson } from './terminal'

/** Formats there are. */
const formats = ['json'] as const

/** A reloaded model whose probabilities differ more is refused: the same executor on the same numbers. */
const tolerance = 1e-5

export function exportCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('export')
    .description('writes a model, reloads it, compares, prints the certificate')
    .argument('<model>', 'model.json, or the folder it lies in')
    .requiredOption('--format <format>', `one of ${formats.join(', ')}`)
    .requiredOption('--out <path>', 'folder to write into')
    .option('--json', 'the certificate as JSON on stdout')
    .action((file: string, options: { format: string; out: string; json?: true }) => {
      run(async () => {
        const format = formats.find((name) => name === options.format)
        if (format === undefined) {
          throw new InterlockError('FORMAT_UNKNOWN', { format: options.format, formats: formats.join(', ') })
        }
        const stored = await readModelFile(file)
        const engine = new EngineClient()
        try {
          const choice = { executor: 'auto', threads: null } as const
          const { folder, files, maxDifference, comparedImages } = await exportModel(
            engine,
            stored,
            resolve(options.out),
            choice,
          )
          const verified = maxDifference <= tolerance
          if (options.json === true) {
            printJson({ format, out: folder, files, comparedImages, maxDifference, tolerance, verified })
          } else {
            print(`Wrote ${files.join(' and ')} into ${folder}.`)
            print(
              `Reloaded and compared on ${comparedImages} images: largest difference of a probability ${maxDifference}.`,
            )
            print(verified ? 'Verified.' : `Not verified: the difference must be at most ${tolerance}.`)
          }
          return verified ? exitCodes.done : exitCodes.no
        } finally {
          await engine.dispose()
        }
      })
    })
}
