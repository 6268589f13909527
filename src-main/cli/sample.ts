import { Argument, Command, Option } from 'commander'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { makeFolder, writeError, writeFileAtomic } from '../storage/atomicFile'
import { isHeldOutDigit, readDigits } from '../storage/digits'
import { exitCodes, type ExitCode } from './exitCode'
import { print, say } from './terminal'

export function sampleCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('sample')
    .description('writes the bundled digits as an image folder')
    .addArgument(new Argument('<name>', 'the sample').choices(['digits']))
    .requiredOption('--out <dir>', 'folder to write into')
    .addOption(new Option('--split <part>', 'only this part (default: all)').choices(['train', 'held-out']))
    .action((_name: string, options: { out: string; split?: 'train' | 'held-out' }) => {
      run(async () => {
        const written = await writeDigits(options.out, options.split)
        const { attribution } = await readDigits()
        await writeFileAtomic(join(options.out, '.attribution.txt'), `${attribution}\n`)
        say(attribution)
        print(`${written} images in ${resolve(options.out)}`)
        return exitCodes.done
      })
    })
}

/** One lossless PNG a digit, `<class>/<index of the sample>.png`. */
async function writeDigits(folder: string, split: 'train' | 'held-out' | undefined): Promise<number> {
  const { images, classes } = await readDigits()
  const { height, width, pixels, labels } = images
  for (const name of classes) await makeFolder(join(folder, name))
  const wanted = Array.from(labels.keys()).filter(
    (index) => split === undefined || isHeldOutDigit(index) === (split === 'held-out'),
  )
  let next = 0
  const writeNext = async () => {
    for (let index = wanted[next++]; index !== undefined; index = wanted[next++]) {
      const digit = pixels.slice(index * height * width, (index + 1) * height * width)
      const name = `${String(index).padStart(5, '0')}.png`
      const file = join(folder, classes[labels[index] ?? 0] ?? '', name)
      await sharp(digit, { raw: { width, height, channels: 1 } })
        .png()
        .toFile(file)
        .catch((thrown: unknown) => {
          throw writeError(file, thrown)
        })
    }
  }
  await Promise.all(Array.from({ length: 4 }, writeNext))
  return wanted.length
}
