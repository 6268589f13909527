/**
 * Builds everything into out/: `npm run build`, and on the way of `npm start`, `npm test` and `npm run interlock`.
 * A step is skipped when nothing it reads has changed since it last succeeded.
 */
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fingerprint } from './fingerprint.mjs'
import { lastLines, runCommand } from './command.mjs'
import { withLock } from './lock.mjs'
import { root } from './root.mjs'
import { LauncherError, runLauncher, say } from './say.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title What is said while it runs.
 * @property {readonly string[]} reads Files and folders that it depends on.
 * @property {readonly string[]} writes What must be there afterwards.
 * @property {readonly string[]} clears What is removed before.
 * @property {readonly string[]} command Arguments of Node.
 */

const packages = ['package-lock.json', 'node_modules/.interlock-install']

/** In this order. @type {readonly Step[]} */
const steps = [
  {
    name: 'kernels',
    title: 'Compiling the CPU kernels',
    reads: ['src-main/engine/wasm', ...packages],
    writes: ['out/main/kernels.wasm', 'out/main/kernelsRelaxed.wasm'],
    clears: [],
    command: ['src-main/engine/wasm/build.mjs'],
  },
  {
    name: 'digits',
    title: 'Packing the digits',
    reads: ['src-main/storage/buildDigits.mjs', ...packages],
    writes: ['out/resources/digits.bin.gz'],
    clears: [],
    command: ['src-main/storage/buildDigits.mjs'],
  },
  {
    name: 'hostWindow',
    title: 'Building the graphics window',
    reads: ['src-main/engine', 'src-shared', 'package.json', ...packages],
    writes: ['out/hostWindow/index.html'],
    clears: [],
    command: [
      'node_modules/vite/bin/vite.js',
      ...['build', '--config', 'src-main/engine/hostWindow/vite.config.ts', '--logLevel', 'warn'],
    ],
  },
  {
    name: 'program',
    title: 'Building the program',
    reads: [
      'src-main',
      'src-shared',
      'src-renderer',
      'resources',
      'electron.vite.config.ts',
      'package.json',
      ...packages,
    ],
    writes: ['out/main/index.js', 'out/preload/preload.cjs', 'out/renderer/index.html'],
    // Not all of out/main: the steps before wrote there, and names with a hash would pile up.
    clears: ['out/main/chunks'],
    command: ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  },
]

/** @param {string} path */
const exists = (path) =>
  stat(join(root, path)).then(
    () => true,
    () => false,
  )

/** @param {Step} step */
const stampFile = (step) => join(root, 'out', `.built-${step.name}`)

/** @param {Step} step @param {string} print */
async function isFresh(step, print) {
  const stamp = await readFile(stampFile(step), 'utf8').catch(() => null)
  return stamp === print && (await Promise.all(step.writes.map(exists))).every(Boolean)
}

/** @returns {Promise<{ step: Step, print: string }[]>} */
async function staleSteps() {
  const checked = await Promise.all(
    steps.map(async (step) => {
      const print = await fingerprint(step.reads)
      return { step, print, fresh: await isFresh(step, print) }
    }),
  )
  return checked.filter(({ fresh }) => !fresh)
}

/** Runs what is not fresh. Two processes may call it at once. Throws LauncherError. */
export async function build() {
  if ((await staleSteps()).length === 0) return
  await withLock(join(root, 'out', '.build-lock'), 'building', async () => {
    for (const { step, print } of await staleSteps()) {
      say(`${step.title} …`)
      await rm(stampFile(step), { force: true })
      for (const path of step.clears) await rm(join(root, path), { recursive: true, force: true })
      const env = { ...process.env, NO_COLOR: '1' }
      const { code, output } = await runCommand(process.execPath, step.command, { cwd: root, env })
      if (code !== 0)
        throw new LauncherError(
          `${lastLines(output, 40)}\n${step.title} failed (${step.command[0]} ended with ${code}).`,
        )
      for (const path of step.writes) {
        if (!(await exists(path))) throw new LauncherError(`${step.title} ended without ${path}.`)
      }
      // The state from before the step, so that what was edited meanwhile is built next time.
      await writeFile(stampFile(step), print)
    }
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await runLauncher(build)
