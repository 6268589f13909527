import { Command } from 'commander'
import { resolve } from 'node:path'
import { newProject } from '#shared/project/newProject'
import { serialiseProject } from '#shared/project/serialiseProject'
import { templateByName, templates } from '#shared/templates/index'
import type { TemplateSize } from '#shared/templates/template'
import { FolderScans } from '../services/folderScans'
import { writeProjectFile } from '../services/projectService'
import { imageSize, integer } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { summariseSource } from './summariseSource'
import { print, say } from './terminal'
import { typedData } from './typedData'

interface TemplateOptions {
  out?: string
  input?: [number, number, number]
  classes?: number
  data?: string
}

/** Larger images are brought to this size unless `--input` says otherwise: it trains in minutes on a processor. */
const largestSide = 64

export function templateCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('template')
    .description('lists or writes the built-in templates, fitted to size, bands and classes')
    .argument('[name]', 'template; without it they are listed')
    .option('--out <project>', 'project file to write (default: stdout)')
    .option('--input <HxWxC>', 'size and bands of the images', imageSize)
    .option('--classes <n>', 'number of classes', integer(2, 100_000))
    .option('--data <folder>', 'fit size, bands and classes to these images, and use them')
    .action((name: string | undefined, options: TemplateOptions) => {
      run(async () => {
        if (name === undefined) {
          for (const { name: listed, title, description } of templates) {
            print(`${listed.padEnd(20)}${title}: ${description.replaceAll('\n', ' ')}`)
          }
          return exitCodes.done
        }
        const template = templateByName(name)
        const { size, source } = await sizeFor(options)
        const built = template.build(size)
        const project = source === null ? built : { ...built, data: { ...built.data, source } }
        if (options.out === undefined) {
          process.stdout.write(serialiseProject(project))
        } else {
          await writeProjectFile(options.out, project)
          say(
            `Wrote ${resolve(options.out)}: ${template.title} for ${size.input.join('×')}, ${size.classes} classes.`,
          )
        }
        return exitCodes.done
      })
    })
}

/** What the template is made for: what was asked, then what the images are, then the digits. */
async function sizeFor(options: TemplateOptions): Promise<{ size: TemplateSize; source: string | null }> {
  if (options.data === undefined) {
    return { size: { input: options.input ?? [28, 28, 1], classes: options.classes ?? 10 }, source: null }
  }
  const scans = new FolderScans()
  const data = await typedData(newProject().data, { data: options.data }, scans)
  const { source, size, colour, classes } = await summariseSource(data, scans)
  const [height, width] = size
  const large = Math.max(height, width) > largestSide
  const input = options.input ?? [large ? largestSide : height, large ? largestSide : width, colour ? 3 : 1]
  if (large && options.input === undefined) {
    say(
      `The images are ${height}×${width}; the network gets them at ${input.join('×')} (change it with --input).`,
    )
  }
  return {
    size: { input: input as [number, number, number], classes: options.classes ?? classes.length },
    source,
  }
}
