/** Going on with an edited network: what is taken over, what starts afresh, and that it really is the earlier run's. */
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { applyEdits } from '#shared/graph/applyEdits'
import { inferShapes } from '#shared/graph/inferShapes'
import { carryOver, weightShapes } from '#shared/training/carryOver'
import { carriedState } from '../../../src-main/services/carriedState'
import { EngineClient } from '../../../src-main/services/engineClient'
import { TrainingRuns } from '../../../src-main/services/trainingService'
import { readCheckpoint } from '../../../src-main/storage/checkpointFile'
import { temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, smallProject } from './smallProjects'

const engine = new EngineClient()
afterAll(() => engine.dispose())

test('weights are compared by block, name and shape', () => {
  const before = new Map([
    ['c1/kernel', [3, 3, 1, 4]],
    ['d1/kernel', [64, 16]],
    ['gone/bias', [3]],
  ])
  const after = new Map([
    ['c1/kernel', [3, 3, 1, 4]],
    ['d1/kernel', [64, 32]],
    ['d9/bias', [2]],
  ])
  expect(carryOver(before, after)).toEqual({
    weights: [
      { name: 'c1/kernel', shape: [3, 3, 1, 4], before: [3, 3, 1, 4], carried: true },
      { name: 'd1/kernel', shape: [64, 32], before: [64, 16], carried: false },
      { name: 'd9/bias', shape: [2], before: null, carried: false },
    ],
    left: [{ name: 'gone/bias', shape: [3] }],
  })
})

describe('a run goes on with an edited network', () => {
  test('with the weights that fit, told and kept; the others are fresh', async () => {
    const home = temporaryFolder()
    const images = testStore()
    const runs = new TrainingRuns(engine, { runsFolder: home, version: '0.0.0', images })
    const data = await classFolder(temporaryFolder(), ['a', 'b', 'c'], 20)
    const project = smallProject(data, 3, 3)
    const about = { projectFile: null, executor: 'cpu', threads: 1 } as const
    const first = await runs.startRun({ ...about, project, folder: null, resume: false })
    expect((await first.finished).phase.kind).toBe('completed')

    // A dense block more between the two: the last one's kernel has another shape then.
    const edited = {
      ...project,
      graph: applyEdits(project.graph, [
        { kind: 'insertBlock', block: { id: 'mid', type: 'dense', params: { units: 5 } }, on: { from: 'd1', to: 'd2' } },
      ]),
    } // prettier-ignore
    const fate = carryOver(weightShapes(inferShapes(project.graph)), weightShapes(inferShapes(edited.graph)))
    const names = (carried: boolean) =>
      fate.weights.filter((w) => w.carried === carried).map(({ name }) => name)
    expect(names(true)).toEqual(['d1/kernel', 'd1/bias', 'd2/bias'])

    const { state, carriedFrom } = await carriedState(engine, edited, first.folder)
    expect(carriedFrom).toEqual({
      runId: first.runId,
      name: 'Small',
      carried: names(true),
      fresh: names(false),
    })
    const kept = await readCheckpoint(join(first.folder, 'checkpoint.bin'), first.folder)
    const fresh = new Map(
      (await engine.initialise(edited.graph, edited.training.seed)).map((w) => [w.name, w.data]),
    )
    const old = new Map(kept.state.weights.map((w) => [w.name, w.data]))
    for (const { name, data: numbers } of state.weights)
      expect(numbers, name).toEqual(names(true).includes(name) ? old.get(name) : fresh.get(name))
    expect([state.epoch, state.step, state.moments]).toEqual([0, 0, []])

    const id = await runs.start({ ...about, project: edited, weightsFrom: first.runId })
    const poll = async () => (await runs.run(id)).state
    await expect.poll(async () => (await poll()).phase.kind, { timeout: 30_000 }).toBe('completed')
    const ended = await poll()
    expect(ended.carriedFrom).toEqual(carriedFrom)
    expect(ended.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    // Read back from disk, as another window would.
    const later = new TrainingRuns(engine, { runsFolder: home, version: '0.0.0', images })
    expect((await later.runs()).find(({ runId }) => runId === id)?.state.carriedFrom).toEqual(carriedFrom)
  })

  test('the same network goes on from where it was: its first losses are those of a trained one', async () => {
    const images = testStore()
    const runs = new TrainingRuns(engine, { runsFolder: temporaryFolder(), version: '0.0.0', images })
    const data = await classFolder(temporaryFolder(), ['a', 'b', 'c'], 20)
    const about = { projectFile: null, executor: 'cpu', threads: 1, folder: null, resume: false } as const // prettier-ignore
    const first = await runs.startRun({ ...about, project: smallProject(data, 3, 30) })
    const before = await first.finished
    const second = await runs.startRun({
      ...about,
      project: smallProject(data, 3, 1),
      weightsFrom: first.folder,
    })
    const after = await second.finished
    expect(after.carriedFrom?.fresh).toEqual([])
    expect(after.epochs[0]!.loss).toBeLessThan(before.epochs[0]!.loss / 2)
  })

  test('what cannot be taken over is refused', async () => {
    const project = smallProject(null, 3)
    await expect(carriedState(engine, project, temporaryFolder())).rejects.toMatchObject({
      code: 'WEIGHTS_NOT_FOUND',
      details: { problem: 'it holds no checkpoint' },
    })
  })
})
