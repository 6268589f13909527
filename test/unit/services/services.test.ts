import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newProject } from '#shared/project/newProject'
import type { MainServices } from '#shared/rpc/services'
import { findMethod, serviceMethods } from '#shared/rpc/serviceMethods'
import { createServices, type CreatedServices } from '../../../src-main/services/createServices'
import { put, temporaryFolder } from '../storage/testImages'
import { classFolder, smallProject } from './smallProjects'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'

const home = mkdtempSync(join(tmpdir(), 'interlock-home-'))
let created: CreatedServices
let services: MainServices
const noEvents = { dataEvent() {} }
const dataOf = (source: string) => ({ ...newProject().data, source })

beforeAll(() => {
  process.env['INTERLOCK_HOME'] = home
  created = createServices({ shell: 'browser', version: '1.2.3' })
  services = created.openWindow(noEvents).services
})

afterAll(async () => {
  await created.dispose()
  delete process.env['INTERLOCK_HOME']
  rmSync(home, { recursive: true, force: true })
})

const error = (thrown: unknown) => thrown as { code: string; message: string }

test('every method of the contract is there', () => {
  for (const [service, methods] of Object.entries(serviceMethods)) {
    for (const method of Object.keys(methods)) {
      expect(findMethod(`${service}.${method}`)).not.toBeNull()
      const target = services[service as keyof MainServices] as unknown as Record<string, unknown>
      expect(typeof target[method], `${service}.${method}`).toBe('function')
    }
  }
})

describe('arguments', () => {
  const calls: [string, unknown[], RegExp][] = [
    ['project.open', [42], /project\.open, argument 0/],
    ['project.open', ['a\0b'], /null characters/],
    ['project.open', [], /project\.open/],
    ['project.open', ['a', 'b'], /project\.open/],
    ['project.save', ['a.json', 'text', 'nothing'], /a project/],
    ['dialog.listFolder', [null, 'yes'], /argument 1/],
    ['data.examples', [dataOf('sample:digits'), null, 1000], /argument 2/],
    [
      'training.start',
      [{ project: {}, projectFile: null, executor: 'abacus', threads: null }],
      /argument 0\.executor/,
    ],
    [
      'training.start',
      [{ project: {}, projectFile: null, executor: 'cpu', threads: null, folder: '/etc' }],
      /argument 0/,
    ],
    ['training.run', ['../../etc/passwd'], /the id of a run/],
    ['export.predict', ['run', 'not a list'], /argument 1/],
    ['export.exportRun', [{ toString: 1 }, '/x'], /argument 0/],
  ]
  test.each(calls)('%s refuses %j', async (name, args, message) => {
    const [service, method] = name.split('.') as [keyof MainServices, string]
    const target = services[service] as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
    const failure = await target[method]?.(...args).then(() => null, error)
    expect(failure?.code).toBe('ARGUMENT_INVALID')
    expect(failure?.message).toMatch(message)
  })

  test('an unsound project is refused with every place', async () => {
    const project = smallProject('sample:digits', 10)
    const training = { ...project.training, epochs: 0, colour: 'red' }
    const request = { project: { ...project, training }, projectFile: null, executor: 'cpu', threads: null }
    const failure = await services.training.start(request as never).then(() => null, error)
    expect(failure?.code).toBe('PROJECT_INVALID')
    expect(failure?.message).toMatch(/training\.epochs/)
    expect(failure?.message).toMatch(/colour/)
  })
})

describe('projects', () => {
  test('saved, opened, remembered; the data folder relative to the file', async () => {
    const folder = temporaryFolder()
    const data = await classFolder(join(folder, 'images'), ['a', 'b'], 1)
    mkdirSync(join(folder, 'projects'))
    const file = join(folder, 'projects', 'small.interlock.json')
    const project = smallProject(data, 2)
    const version = await services.project.save(file, project, 'nothing')
    expect(readFileSync(file, 'utf8')).toContain('"source": "../images"')
    const opened = await services.project.open(file)
    expect(opened).toEqual({ file, version, problems: [], project })
    // Saved elsewhere, it still means the same folder.
    mkdirSync(join(folder, 'far', 'away'), { recursive: true })
    const elsewhere = join(folder, 'far', 'away', 'small.interlock.json')
    await services.project.save(elsewhere, opened.project, 'nothing')
    expect(readFileSync(elsewhere, 'utf8')).toContain('"source": "../../images"')
    expect((await services.data.inspect(dataOf('../images'), file, true))?.images).toBe(2)
    expect((await services.project.recent())[1]).toMatchObject({ file, name: 'Small' })
  })

  test('what cannot be opened or saved', async () => {
    const folder = temporaryFolder()
    const open = (text: string) => services.project.open(put(folder, 'p.json', text)).then(() => null, error)
    expect(await open('{ "format": ')).toMatchObject({ code: 'PROJECT_NOT_JSON' })
    expect(await open('{ "format": "interlock-project", "version": 99 }')).toMatchObject({
      code: 'PROJECT_NEWER',
    })
    expect(await services.project.open(join(folder, 'none.json')).catch(error)).toMatchObject({
      code: 'FILE_NOT_FOUND',
    })
    const project = smallProject('sample:digits', 10)
    expect(await services.project.save(join(folder, 'p.sh'), project, 'nothing').catch(error)).toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
    const below = join(put(folder, 'file', 'x'), 'p.json')
    expect(await services.project.save(below, project, 'nothing').catch(error)).toMatchObject({
      code: 'FILE_UNWRITABLE',
    })
    const bad = { ...project, name: '' }
    expect(await services.project.save(join(folder, 'q.json'), bad, 'nothing').catch(error)).toMatchObject({
      code: 'PROJECT_INVALID',
    })
  })

  test('a file that became another since it was opened is only overwritten knowingly', async () => {
    const file = join(temporaryFolder(), 'p.json')
    const project = smallProject('sample:digits', 10)
    const first = await services.project.save(file, project, 'nothing')
    expect(await services.project.save(file, project, 'nothing').catch(error)).toMatchObject({
      code: 'FILE_CHANGED',
    })
    const second = await services.project.save(file, { ...project, name: 'Other' }, first)
    expect(await services.project.save(file, project, first).catch(error)).toMatchObject({
      code: 'FILE_CHANGED',
    })
    expect(readFileSync(file, 'utf8')).toContain('"Other"')
    expect((await services.project.open(file)).version).toBe(second)
    expect(await services.project.save(file, project, 'anything')).toBe(first)
    rmSync(file)
    expect(await services.project.save(file, project, second)).toBe(first)
  })

  test('a copy to share leaves out a folder of images that lies elsewhere', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'copy.json')
    const far = join(temporaryFolder(), 'images')
    const copy = (source: string) => services.project.saveCopy(file, smallProject(source, 2), 'anything')
    expect(await copy(far)).toBe(far)
    expect(readFileSync(file, 'utf8')).not.toContain(far)
    expect((await services.project.open(file)).project.data.source).toBeNull()
    expect(await copy(join(folder, 'images'))).toBeNull()
    expect(readFileSync(file, 'utf8')).toContain('"source": "images"')
    expect(await copy('sample:digits')).toBeNull()
    expect(readFileSync(file, 'utf8')).toContain('"source": "sample:digits"')
  })

  test('recent projects say when they are missing, and can be taken off', async () => {
    const file = join(temporaryFolder(), 'p.json')
    await services.project.save(file, smallProject('sample:digits', 10), 'nothing')
    const found = async () => (await services.project.recent()).find((one) => one.file === file)
    expect(await found()).toMatchObject({ missing: false })
    rmSync(file)
    expect(await found()).toMatchObject({ missing: true })
    await services.project.forgetRecent(file)
    expect(await found()).toBeUndefined()
  })

  test('unsaved changes are offered once their window is gone', async () => {
    const { services: first, close } = created.openWindow(noEvents)
    await first.recovery.keep('one', 'Net', null, '{"a":1}')
    expect(await services.recovery.kept()).toEqual([])
    // A page that is loaded anew holds on to its changes although its old line ends late.
    const { services: again, close: closeAgain } = created.openWindow(noEvents)
    await again.recovery.keep('one', 'Net', '/x.json', '{"a":2}')
    close()
    expect(await services.recovery.kept()).toEqual([])
    closeAgain()
    const kept = await services.recovery.kept()
    expect(kept).toMatchObject([{ id: 'one', name: 'Net', file: '/x.json' }])
    expect(await services.recovery.take('one')).toBe('{"a":2}')
    put(join(home, 'unsaved'), 'damaged.json', '{')
    expect(await services.recovery.kept()).toHaveLength(1)
    await services.recovery.drop('one')
    expect(await services.recovery.kept()).toEqual([])
    expect(await services.recovery.take('one').catch(error)).toMatchObject({ code: 'FILE_NOT_FOUND' })
    expect(await services.recovery.drop('../settings').catch(error)).toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
  })

  test('a file with problems opens with them named', async () => {
    const file = put(temporaryFolder(), 'p.json', JSON.stringify({ ...smallProject(null, 2), zoom: 3 }))
    const { problems, project } = await services.project.open(file)
    expect(problems.join()).toMatch(/zoom/)
    expect(project.graph.blocks).toHaveLength(5)
  })
})

describe('folders and data', () => {
  test('the folder picker shows folders, and project files when asked, never anything hidden', async () => {
    const folder = temporaryFolder()
    for (const file of ['b/x.png', 'a/y.png', 'p.json', 'photo.png', '.secret/z']) put(folder, file, 'x')
    const listing = await services.dialog.listFolder(folder, true)
    expect(listing.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'folder'],
      ['b', 'folder'],
      ['p.json', 'file'],
    ])
    expect((await services.dialog.listFolder(folder, false)).entries).toHaveLength(2)
    expect(listing.parent).toBe(join(folder, '..'))
    expect(await services.dialog.listFolder(join(folder, 'p.json'), true).catch(error)).toMatchObject({
      code: 'DATA_NOT_A_FOLDER',
    })
    expect(await services.dialog.native()).toBe(false)
  })

  test('examples are PNG pictures, a few a class', async () => {
    const folder = await classFolder(temporaryFolder(), ['a', 'b'], 3)
    const examples = await services.data.examples(dataOf(folder), null, 2)
    expect(examples.map(({ className }) => className)).toEqual(['a', 'a', 'b', 'b'])
    expect((await sharp(examples[0]?.png).metadata()).format).toBe('png')
    const digits = await services.data.examples(dataOf('sample:digits'), null, 3)
    expect(digits).toHaveLength(30)
    expect(await sharp(digits[0]?.png).metadata()).toMatchObject({ width: 28, height: 28 })
  })

  test('about the app', async () => {
    expect(await services.app.info()).toMatchObject({ version: '1.2.3', shell: 'browser', electron: null })
  })
})

test('a run through the services: events, prediction, export; a run without a model says so', async () => {
  const folder = await classFolder(temporaryFolder(), ['dark', 'light'], 12)
  const ended = new Promise<void>((resolve) =>
    created.onRunEvent(({ type }) => type === 'finished' && resolve()),
  )
  const project = smallProject(folder, 2, 20)
  const runId = await services.training.start({ project, projectFile: null, executor: 'cpu', threads: 1 })
  await ended
  expect((await services.training.runs()).map((run) => run.runId)).toEqual([runId])
  const bad = put(folder, 'no.png', 'no')
  const files = [join(folder, 'dark/000.png'), join(folder, 'light/000.png'), bad]
  const [dark, light, none] = await services.export.predict(runId, files)
  expect([dark?.top[0]?.class, light?.top[0]?.class]).toEqual(['dark', 'light'])
  expect(dark?.top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5)
  expect(none).toMatchObject({ top: [], problem: expect.stringContaining('not a PNG') as string })
  const out = join(temporaryFolder(), 'out')
  expect(await services.export.exportRun(runId, out)).toMatchObject({ folder: out, maxDifference: 0 })
  expect(await services.export.exportRun('no-such-run', out).catch(error)).toMatchObject({
    code: 'RUN_NOT_FOUND',
  })
  rmSync(join(home, 'runs', runId, 'model.json'))
  expect(await services.export.exportRun(runId, out).catch(error)).toMatchObject({
    code: 'RUN_WITHOUT_MODEL',
  })
})
