import { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { EngineClient } from '../services/engineClient'
import { exportable, exportModel, type Exportable } from '../services/exportModel'
import { untrainedModel } from '../services/untrainedModel'
import { readModelFile } from '../storage/modelFile'
import { version } from '../../package.json'
import { exitCodes, type ExitCode } from './exitCode'
import { readSoundProject } from './readSoundProject'
import { print, printJson, say } from './terminal'

/** Formats there are. */
const formats = ['json'] as const

/** A reloaded model whose probabilities differ more is refused: the same executor on the same numbers. */
const tolerance = 1e-5

export function exportCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('export')
    .description('writes a model, reloads it, compares, prints the certificate')
    .argument('<model>', 'model.json, the folder it lies in, or a project (untrained)')
    .requiredOption('--format <format>', `one of ${formats.join(', ')}`)
    .requiredOption('--out <path>', 'folder to write into')
    .option('--json', 'the certificate as JSON on stdout')
    .action((file: string, options: { format: string; out: string; json?: true }) => {
      run(async () => {
        const format = formats.find((name) => name === options.format)
        if (format === undefined) {
          throw new InterlockError('FORMAT_UNKNOWN', { format: options.format, formats: formats.join(', ') })
        }
        const engine = new EngineClient()
        try {
          const model = await modelOrProject(engine, file)
          const choice = { executor: 'auto', threads: null } as const
          const { folder, files, maxDifference, comparedImages } = await exportModel(
            engine,
            model,
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

/** A project file says so in its format; everything else is read as a model, whose reader names what is wrong. */
async function modelOrProject(engine: EngineClient, file: string): Promise<Exportable> {
  const text = await readFile(file, 'utf8').catch(() => '')
  if (!/"format"\s*:\s*"interlock-project"/.test(text)) return exportable(await readModelFile(file))
  say('This is a project, not a trained model: its weights are the ones a training would start with.')
  return untrainedModel(engine, await readSoundProject(file), file, version)
}
