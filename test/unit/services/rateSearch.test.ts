/** The learning-rate finder over the real engine and real image files. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RateEvent, RateSearchRequest } from '#shared/rpc/services'
import { EngineClient } from '../../../src-main/services/engineClient'
import { TrainingRuns } from '../../../src-main/services/trainingService'
import { temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, smallProject } from './smallProjects'

const engine = new EngineClient()
afterAll(() => engine.dispose())
let data = ''
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-rates-'))
  data = await classFolder(folder, ['a', 'b', 'c'], 20)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

function service(options: Parameters<typeof testStore>[0] = {}) {
  const runs = new TrainingRuns(engine, {
    runsFolder: temporaryFolder(),
    version: '0',
    images: testStore(options),
  })
  const events: RateEvent[] = []
  runs.onRateEvent((event) => events.push(event))
  return { runs, events }
}
const request = (project = smallProject(data, 3, 3)): RateSearchRequest => ({
  searchId: 'search-1',
  project,
  projectFile: null,
  executor: 'cpu',
  threads: 1,
})

test('finds a rate that trains, tells every step on the way, and leaves no run behind', async () => {
  const { runs, events } = service()
  const found = (await runs.searchRate(request()))!
  expect(found.suggestion).toBeGreaterThan(1e-5)
  expect(found.suggestion).toBeLessThan(2)
  const told = events.flatMap((event) => (event.type === 'tried' ? event.curve.losses : []))
  expect(told.slice(0, found.losses.length)).toEqual(found.losses)
  expect(events.filter(({ type }) => type === 'reading').length).toBeGreaterThan(0)
  expect(await runs.runs()).toEqual([])
  // The suggestion does better than a rate at either end of the curve.
  const accuracy = async (learningRate: number) => {
    const project = smallProject(data, 3, 3)
    const optimizer = { ...project.training.optimizer, learningRate }
    const run = await runs.startRun({
      ...{ project: { ...project, training: { ...project.training, optimizer } } },
      ...{ projectFile: null, executor: 'cpu', threads: 1, folder: null, resume: false },
    })
    return (await run.finished).epochs.at(-1)!.valLoss
  }
  const good = await accuracy(found.suggestion!)
  expect(good).toBeLessThan(await accuracy(found.learningRates[0]!))
  // The same search gives the same curve.
  expect(await runs.searchRate(request())).toEqual(found)
})

test('clipping, class weights and images that do not fit into memory are as in a training', async () => {
  const project = smallProject(data, 3, 3)
  const plain = (await service().runs.searchRate(request(project)))!
  const streamed = (await service({ memory: 1000 }).runs.searchRate(request(project)))!
  expect(streamed).toEqual(plain)
  const training = { ...project.training, labelSmoothing: 0.3 }
  const smooth = (await service().runs.searchRate(request({ ...project, training })))!
  expect(smooth.losses[0]).not.toBe(plain.losses[0])
})

test('is called off by stopSearch, by another search and by a training; a training refuses it', async () => {
  const project = smallProject('sample:digits', 10, 1)
  const { runs, events } = service()
  const first = runs.searchRate(request(project))
  await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await runs.stopSearch('another')
  await runs.stopSearch('search-1')
  expect(await first).toBeNull()
  const second = runs.searchRate(request(project))
  const third = runs.searchRate({ ...request(), searchId: 'search-2' })
  expect(await second).toBeNull()
  expect(await third).not.toBeNull()
  const fourth = runs.searchRate(request(project))
  const run = await runs.startRun({
    ...{ project: smallProject(data, 3, 100_000), projectFile: null, executor: 'cpu', threads: 1 },
    ...{ folder: null, resume: false },
  })
  expect(await fourth).toBeNull()
  await expect(runs.searchRate(request())).rejects.toMatchObject({ code: 'RUN_ALREADY_ACTIVE' })
  await setTimeout(50)
  run.stop()
  expect((await run.finished).phase.kind).toBe('stopped')
})

test('what a training refuses is refused here too', async () => {
  const { runs } = service()
  const project = smallProject(data, 4, 1)
  await expect(runs.searchRate(request(project))).rejects.toMatchObject({ code: 'CLASS_COUNT_MISMATCH' })
  await expect(runs.searchRate(request(smallProject(null, 3, 1)))).rejects.toMatchObject({
    code: 'DATA_NOT_CHOSEN',
  })
})
