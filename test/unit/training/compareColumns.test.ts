/** What stands in a column: a run, or the finished runs of its series. */
import { expect, test } from 'vitest'
import { newProject } from '#shared/project/newProject'
import type { RunSummary } from '#shared/rpc/services'
import { compareColumns } from '#shared/training/compareColumns'
import { withSeed } from '#shared/training/repeatSeeds'
import { createRun, type RunPhase } from '#shared/training/runState'

function run(runId: string, kind: 'completed' | 'stopped', series?: string): RunSummary {
  const project = newProject({ name: 'Net' })
  const about = series === undefined ? {} : { series: { id: series, index: 1, count: 3 } }
  const state = createRun({ type: 'created', runId, project, startedAt: '', ...about })
  const phase: RunPhase = { kind }
  return { runId, name: 'Net', note: '', state: { ...state, phase } }
}
// Newest first, as the service tells them.
const runs = [
  run('e', 'stopped'),
  run('d', 'stopped', 's'),
  run('c', 'completed', 's'),
  run('b', 'completed', 's'),
  run('a', 'completed'),
]
const columns = (...chosen: string[]) =>
  compareColumns(runs, chosen).map(({ id, name, states }) => [
    id,
    name,
    states.map(({ runId }) => runId).join(),
  ])

test('the oldest first, numbered; of a series its finished runs, whichever was chosen', () => {
  expect(columns('e', 'a')).toEqual([
    ['a', '1 Net', 'a'],
    ['e', '2 Net', 'e'],
  ])
  expect(columns('d', 'a')).toEqual([
    ['a', '1 Net', 'a'],
    ['s', '2 Net × 2', 'b,c'],
  ])
  expect(columns('b', 'c')).toEqual([['s', '1 Net × 2', 'b,c']])
  expect(columns()).toEqual([])
})

test('seeds follow each other, and begin anew after the largest', () => {
  const project = newProject({ training: { seed: 0xffff_ffff } })
  expect([1, 2, 3].map((index) => withSeed(project, index).training.seed)).toEqual([0xffff_ffff, 0, 1])
  expect(withSeed(project, 2).data).toEqual(project.data)
})
