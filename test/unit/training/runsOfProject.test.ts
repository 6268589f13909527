/** Which runs are a project's. */
import { expect, test } from 'vitest'
import { newProject } from '#shared/project/newProject'
import { isOfProject } from '#shared/training/runsOfProject'

const run = (name: string, projectFile?: string) => ({
  project: newProject({ name }),
  ...(projectFile ? { projectFile } : {}),
})

test('of the same file, whatever it is called; where one was not saved, of the same name', () => {
  expect(isOfProject(run('Old name', '/a.json'), 'New name', '/a.json')).toBe(true)
  expect(isOfProject(run('LeNet', '/a.json'), 'LeNet', '/b.json')).toBe(false)
  expect(isOfProject(run('LeNet', '/a.json'), 'LeNet', null)).toBe(true)
  expect(isOfProject(run('LeNet'), 'LeNet', '/b.json')).toBe(true)
  expect(isOfProject(run('LeNet'), 'Other', '/b.json')).toBe(false)
  expect(isOfProject(run('LeNet'), 'Other', null)).toBe(false)
})
