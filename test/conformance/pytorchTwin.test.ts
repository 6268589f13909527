/**
 * Real folders, end to end: the built command line against a twin in PyTorch (`pytorchTwin.py`: same network, same split, same optimiser
 * and epochs, images read by PIL), three seeds each. Their mean validation accuracies, over the last three epochs, may differ by 2 %.
 * The learning rate falls as a cosine: at a constant one the accuracy of a run swings by 5 % from epoch to epoch.
 *
 * Takes the better part of an hour of two cores: `INTERLOCK_TWIN=1 npm test -- test/conformance/pytorchTwin`. Skipped by name without that, where no
 * Python has torch (`PYTHON` names another one), and where ../shared/data is not there.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const shared = join(root, '../shared/data')
const python = process.env['PYTHON'] ?? '/usr/bin/python3'
const ready =
  process.env['INTERLOCK_TWIN'] === '1' &&
  existsSync(shared) &&
  spawnSync(python, ['-c', 'import torch, numpy, PIL']).status === 0
const seeds = [1, 2, 3]

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'interlock-twin-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const interlock = (...args: string[]): string =>
  execFileSync(process.execPath, [join(root, 'src-main/launcher/interlock.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

/** Every fourth image of each class to validate, the others to train on; as links, since both sides read folders. */
function parted(source: string): { training: string; validation: string } {
  const parts = { training: join(folder, 'rsscn7/training'), validation: join(folder, 'rsscn7/validation') }
  for (const name of readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    for (const part of Object.values(parts)) mkdirSync(join(part, name.name), { recursive: true })
    const files = readdirSync(join(source, name.name)).sort()
    files.forEach((file, i) => {
      const part = i % 4 === 3 ? parts.validation : parts.training
      symlinkSync(join(source, name.name, file), join(part, name.name, file))
    })
  }
  return parts
}

interface Curve {
  valAccuracy: number[]
}

function trained(
  name: string,
  epochs: number,
  training: string,
  validation: string,
): { ours: Curve; twin: Curve }[] {
  const project = join(folder, `${name}.json`)
  interlock('template', 'vgg-small', '--out', project, '--data', training)
  const written = JSON.parse(readFileSync(project, 'utf8')) as { training: object }
  written.training = { ...written.training, schedule: { type: 'cosine' } }
  writeFileSync(project, JSON.stringify({ ...written, version: 3 }))
  return seeds.map((seed) => {
    const out = join(folder, `${name}-${seed}`)
    const data = ['--data', training, '--val', validation, '--out', out]
    interlock(
      'train',
      project,
      ...data,
      '--epochs',
      String(epochs),
      '--seed',
      String(seed),
      '--executor',
      'cpu',
    )
    const history = JSON.parse(readFileSync(join(out, 'history.json'), 'utf8')) as {
      epochs: { valAccuracy: number }[]
    }
    const script = join(import.meta.dirname, 'pytorchTwin.py')
    const answer = execFileSync(python, [script, join(out, 'model.json'), training, validation, String(seed)])
    const ours = { valAccuracy: history.epochs.map(({ valAccuracy }) => valAccuracy) }
    return { ours, twin: JSON.parse(answer.toString()) as Curve }
  })
}

/** Mean over the last three epochs. */
function endOf({ valAccuracy }: Curve): number {
  return valAccuracy.slice(-3).reduce((sum, value) => sum + value, 0) / 3
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('a PyTorch twin', () => {
  test.skipIf(!ready).each(['cifar10-small', 'rsscn7-small'])(
    'reaches the same accuracy on %s (needs INTERLOCK_TWIN=1, torch, ../shared/data)',
    { timeout: 90 * 60_000 },
    (name) => {
      const source = join(shared, name)
      const cifar = { training: join(source, 'train'), validation: join(source, 'test') }
      const { training, validation } = name === 'cifar10-small' ? cifar : parted(source)
      const runs = trained(name, name === 'cifar10-small' ? 10 : 20, training, validation)
      const ours = runs.map((run) => endOf(run.ours))
      const twin = runs.map((run) => endOf(run.twin))
      const text = (values: number[]) => values.map((value) => value.toFixed(4)).join(', ')
      console.log(
        `${name}: ours ${text(ours)}, mean ${mean(ours).toFixed(4)}; PyTorch ${text(twin)}, mean ${mean(twin).toFixed(4)}`,
      )
      expect(Math.abs(mean(ours) - mean(twin))).toBeLessThanOrEqual(0.02)
    },
  )
})
