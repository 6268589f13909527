/** Names and notes of runs are kept apart from what a run writes, and a run is deleted with its folder only. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EngineClient } from '../../../src-main/services/engineClient'
import { TrainingRuns } from '../../../src-main/services/trainingService'
import { temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, smallProject } from './smallProjects'

const engine = new EngineClient()
const about = { projectFile: null, executor: 'cpu', threads: 1, resume: false } as const
afterAll(() => engine.dispose())

async function made() {
  const home = temporaryFolder()
  const images = testStore()
  const data = await classFolder(temporaryFolder(), ['a', 'b'], 12)
  const service = () => new TrainingRuns(engine, { runsFolder: home, version: '0.0.0', images })
  return { home, data, service, runs: service() }
}

test('a name and a note given while the run goes on are there when it has ended, and elsewhere', async () => {
  const { data, service, runs } = await made()
  const run = await runs.startRun({ ...about, project: smallProject(data, 2, 400), folder: null })
  await runs.label(run.runId, '  Wider  ', 'Twice the units.\nWorse?\n')
  expect(await runs.run(run.runId)).toMatchObject({ name: 'Wider', note: 'Twice the units.\nWorse?' })
  // The active run cannot be deleted, here or by another process.
  await expect(runs.deleteRun(run.runId)).rejects.toMatchObject({ code: 'RUN_UNDER_WAY' })
  run.stop()
  await run.finished
  for (const one of [runs, service()]) {
    expect(await one.run(run.runId)).toMatchObject({ name: 'Wider', note: 'Twice the units.\nWorse?' })
    expect((await one.runs())[0]).toMatchObject({ name: 'Wider', state: { project: { name: 'Small' } } })
  }
  await runs.label(run.runId, ' ', '')
  expect(await runs.run(run.runId)).toMatchObject({ name: 'Small', note: '' })
})

test('a label of another run in the same folder, or one that is damaged, is none', async () => {
  const { data, service, runs } = await made()
  const run = await runs.startRun({ ...about, project: smallProject(data, 2, 1), folder: null })
  await run.finished
  const file = join(run.folder, 'label.json')
  const label = { format: 'interlock-label', version: 1, runId: 'other', name: 'Not mine', note: '' }
  writeFileSync(file, JSON.stringify(label))
  expect((await service().run(run.runId)).name).toBe('Small')
  writeFileSync(file, '{"name": ')
  expect((await service().run(run.runId)).name).toBe('Small')
})

test('deleted: its folder, and nothing else', async () => {
  const { home, data, service, runs } = await made()
  const outside = temporaryFolder()
  const first = await runs.startRun({ ...about, project: smallProject(data, 2, 1), folder: null })
  await first.finished
  const own = await runs.startRun({
    ...about,
    project: smallProject(data, 2, 1),
    folder: join(outside, 'own'),
  })
  await own.finished
  writeFileSync(join(outside, 'keep.txt'), 'kept')
  symlinkSync(outside, join(first.folder, 'link'))
  // A folder that is no run, and a link to a run that lies elsewhere.
  mkdirSync(join(home, 'no-run'))
  symlinkSync(own.folder, join(home, 'linked'))

  await runs.deleteRun(first.runId)
  expect(existsSync(first.folder)).toBe(false)
  expect(readFileSync(join(outside, 'keep.txt'), 'utf8')).toBe('kept')
  await expect(runs.run(first.runId)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  expect((await runs.runs()).map(({ runId }) => runId)).not.toContain(first.runId)

  await expect(runs.deleteRun(first.runId)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  await expect(runs.deleteRun('no-run')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  await expect(runs.deleteRun('../own')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  // Trained into a folder of the person's own: only this process knows it, and it is not ours to delete.
  await expect(runs.deleteRun(own.runId)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  await service().deleteRun('linked')
  expect(existsSync(join(home, 'linked'))).toBe(false)
  expect(existsSync(join(own.folder, 'history.json'))).toBe(true)
  expect(existsSync(join(home, 'no-run'))).toBe(true)
})
