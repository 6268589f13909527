/** A run repeated with seeds: one after the other, until one is stopped or cannot start; with the weights that it began with. */
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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

test('what began with weights of another run is repeated with the same ones, which that run need not have any more', async () => {
  const { runs, run, series, data } = await trained(2)
  const wide = smallProject(data, 3, 1)
  const own = await runs.startRun({
    ...{ projectFile: null, executor: 'cpu', threads: 1, validation: null, resume: false, folder: null },
    project: {
      ...wide,
      graph: {
        ...wide.graph,
        blocks: wide.graph.blocks.map((block) =>
          block.id === 'd1' ? { ...block, params: { ...block.params, units: 20 } } : block,
        ),
      },
    },
    weightsFrom: run.folder,
  })
  const { carriedFrom, epochs } = await own.finished
  expect(carriedFrom).toMatchObject({ carried: ['d2/bias'] })
  // It learns on, and is deleted: neither changes what the other one began with.
  await runs.continueRun({ ...request, runId: run.runId, epochs: 4, batchSize: 8, learningRate: 0.01 })
  await expect.poll(async () => (await runs.run(run.runId)).state.phase.kind).toBe('completed')
  await runs.deleteRun(run.runId)
  await runs.repeat({ ...request, runId: own.runId, count: 2 })
  const ended = async () => (await series()).filter(({ phase }) => phase.kind === 'completed').length
  await expect.poll(ended, { timeout: 60_000 }).toBe(2)
  const found = (await series()).sort((a, b) => a.series!.index - b.series!.index)
  for (const one of found) expect(one.carriedFrom).toEqual(carriedFrom)
  expect(found[0]!.epochs.map(({ loss }) => loss)).toEqual(epochs.map(({ loss }) => loss))
  expect(found[1]!.epochs[0]!.loss).not.toBe(epochs[0]!.loss)
  // A run of the series is itself one that can be repeated; without its start none can.
  rmSync(join(runs.folderOf(found[1]!.runId), 'start.bin'))
  await expect(runs.repeat({ ...request, runId: found[1]!.runId, count: 2 })).rejects.toMatchObject({
    code: 'START_NOT_KEPT',
    message: expect.stringContaining('The run Small began with weights of “Small”') as string,
  })
})

test('why the next run of a series cannot start is told, and kept with the one before', async () => {
  const { runs, run, series, data, home, images } = await trained(200)
  const told: unknown[] = []
  runs.onRunEvent((event) => event.type === 'seriesBroken' && told.push(event))
  await runs.repeat({ ...request, runId: run.runId, count: 3 })
  const phase = async () => (await series())[0]!.phase.kind
  await expect.poll(phase).toBe('training')
  renameSync(data, `${data} elsewhere`)
  await expect.poll(phase, { timeout: 60_000 }).toBe('completed')
  await expect.poll(() => told).toHaveLength(1)
  const [last, ...others] = await series()
  expect(others).toEqual([])
  expect(told).toMatchObject([{ runId: last!.runId, error: { code: 'FILE_NOT_FOUND' } }])
  expect(last!.series).toMatchObject({ index: 1, count: 3, broken: { code: 'FILE_NOT_FOUND' } })
  const kept = async () => {
    const later = new TrainingRuns(engine, { runsFolder: home, version: '0.0.0', images })
    return (await later.run(last!.runId)).state.series
  }
  await expect.poll(kept).toEqual(last!.series)
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
