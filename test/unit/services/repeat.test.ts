/** A run repeated with seeds: one after the other, until one is stopped. */
import { afterAll, expect, test } from 'vitest'
import { EngineClient } from '../../../src-main/services/engineClient'
import { TrainingRuns } from '../../../src-main/services/trainingService'
import { temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, smallProject } from './smallProjects'

const engine = new EngineClient()
afterAll(() => engine.dispose())

async function trained(epochs: number) {
  const home = temporaryFolder()
  const images = testStore()
  const data = await classFolder(temporaryFolder(), ['a', 'b', 'c'], 12)
  const runs = new TrainingRuns(engine, { runsFolder: home, version: '0.0.0', images })
  const project = smallProject(data, 3, 1)
  const about = { projectFile: null, executor: 'cpu', threads: 1, resume: false } as const
  const run = await runs.startRun({ ...about, project: { ...project, training: { ...project.training, seed: 7, epochs } }, folder: null }) // prettier-ignore
  const state = await run.finished
  const series = async () =>
    (await runs.runs()).map(({ state }) => state).filter((one) => one.series !== undefined)
  return { runs, run, state, series, home, data, images }
}
const request = { executor: 'cpu', threads: 1 } as const

test('three runs, with the seeds of the run and after; the first is the run again', async () => {
  const { runs, run, state, series, home, images } = await trained(3)
  await runs.repeat({ ...request, runId: run.runId, count: 3 })
  const ended = async () => (await series()).filter(({ phase }) => phase.kind === 'completed').length
  await expect.poll(ended, { timeout: 60_000 }).toBe(3)
  const found = (await series()).sort((a, b) => a.series!.index - b.series!.index)
  expect(found.map((one) => one.project.training.seed)).toEqual([7, 8, 9])
  expect(found.map((one) => [one.series!.index, one.series!.count])).toEqual([[1, 3], [2, 3], [3, 3]]) // prettier-ignore
  expect(new Set(found.map((one) => one.series!.id)).size).toBe(1)
  const losses = found.map(({ epochs }) => epochs.map(({ loss, valLoss }) => [loss, valLoss]))
  expect(losses[0]).toEqual(state.epochs.map(({ loss, valLoss }) => [loss, valLoss]))
  expect(losses[1]).not.toEqual(losses[0])
  expect(found.map((one) => one.project.data.splitSeed)).toEqual([1, 1, 1])
  // Read back from disk, as another process would.
  const later = new TrainingRuns(engine, { runsFolder: home, version: '0.0.0', images })
  expect((await later.run(found[2]!.runId)).state.series).toEqual(found[2]!.series)
})

test('stopped, the rest is not begun, and another run may start', async () => {
  const { runs, run, series, data } = await trained(600)
  await runs.repeat({ ...request, runId: run.runId, count: 5 })
  const [first] = await series()
  await expect(runs.repeat({ ...request, runId: run.runId, count: 3 })).rejects.toMatchObject({
    code: 'RUN_ALREADY_ACTIVE',
  })
  await runs.stop(first!.runId)
  await expect.poll(async () => (await series())[0]!.phase.kind, { timeout: 30_000 }).toBe('stopped')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await series()).toHaveLength(1)
  const id = await runs.start({ ...request, project: smallProject(data, 3, 1), projectFile: null })
  await expect.poll(async () => (await runs.run(id)).state.phase.kind, { timeout: 30_000 }).toBe('completed')
})
