/** A random split against one by place: on images where nothing generalises, all of the accuracy is memory of neighbours. */
import { afterAll, describe, expect, test } from 'vitest'
import { createRun } from '#shared/training/runState'
import { splitGap } from '#shared/training/splitGap'
import { EngineClient } from '../../../src-main/services/engineClient'
import { TrainingRuns } from '../../../src-main/services/trainingService'
import { temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, landscape, landscapeProject, smallProject } from './smallProjects'

const engine = new EngineClient()
afterAll(() => engine.dispose())

const about = { projectFile: null, executor: 'cpu', threads: 1 } as const
const code = (thrown: unknown) => (thrown as { code: string }).code

function service() {
  const options = { runsFolder: temporaryFolder(), version: '0.0.0', images: testStore() }
  const runs = new TrainingRuns(engine, options)
  const states = async () => (await runs.runs()).map(({ state }) => state)
  return { runs, states, again: () => new TrainingRuns(engine, options) }
}

test('two runs with the same settings; the gap is what chance owed to the neighbours', async () => {
  const { runs, states, again } = service()
  const project = landscapeProject(landscape(temporaryFolder()))
  await runs.compareSplits({ ...about, project, epochs: 40 })
  const ended = async () => (await states()).filter(({ phase }) => phase.kind === 'completed').length
  await expect.poll(ended, { timeout: 60_000 }).toBe(2)
  // Read back from disk, as another window finds them.
  const later = again()
  const [byBlocks, bySeed] = (await later.runs()).map(({ state }) => state)
  expect([bySeed?.pair, byBlocks?.pair]).toEqual([
    { id: expect.any(String) as string, by: 'seed' },
    { id: bySeed?.pair?.id, by: 'blocks' },
  ])
  expect([bySeed?.split?.by, byBlocks?.split?.by]).toEqual(['seed', 'blocks'])
  expect(byBlocks?.project.training).toEqual(bySeed?.project.training)
  expect(bySeed?.epochs).toHaveLength(40)
  const gap = splitGap(bySeed!, byBlocks!)
  expect(gap?.seed.valAccuracy).toBeGreaterThan(0.9)
  expect(gap?.blocks.valAccuracy).toBeLessThan(0.75)
  expect(gap).toMatchObject({ gap: gap!.seed.valAccuracy - gap!.blocks.valAccuracy, verdict: 'flattered' })
})

test('images without a place are refused before anything is trained; stopped, the second run is not begun', async () => {
  const { runs, states } = service()
  const plain = smallProject(await classFolder(temporaryFolder(), ['a', 'b'], 4), 2)
  expect(await runs.compareSplits({ ...about, project: plain, epochs: 1 }).catch(code)).toBe('DATA_NO_PLACE')
  expect(await states()).toHaveLength(0)
  const project = landscapeProject(landscape(temporaryFolder()))
  await runs.compareSplits({ ...about, project, epochs: 5000 })
  const [first] = await states()
  await runs.stop(first!.runId)
  await expect.poll(async () => (await states())[0]!.phase.kind, { timeout: 30_000 }).toBe('stopped')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await states()).toHaveLength(1)
})

describe('the gap', () => {
  const run = (valAccuracy: number, validation: number) => ({
    ...createRun({ type: 'created', runId: 'r', project: landscapeProject('x'), startedAt: '' }),
    best: { epoch: 1, valLoss: 1, valAccuracy },
    images: { training: 100, validation },
  })

  test('is more than chance beyond two standard errors of two shares', () => {
    // √(0.9 · 0.1 / 100 + 0.8 · 0.2 / 100) = 0.05
    expect(splitGap(run(0.9, 100), run(0.8, 100))).toMatchObject({ verdict: 'alike' })
    expect(splitGap(run(0.9, 100), run(0.8, 100))?.standardError).toBeCloseTo(0.05, 12)
    expect(splitGap(run(0.9, 1000), run(0.8, 1000))?.verdict).toBe('flattered')
    expect(splitGap(run(0.8, 1000), run(0.9, 1000))?.verdict).toBe('reverse')
    expect(splitGap(run(0.8, 10), { ...run(0.9, 10), best: null })).toBeNull()
  })
})
