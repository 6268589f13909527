/** `map` through the built command line: a scene that GDAL wrote, a network trained in a second. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromFile } from 'geotiff'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classFolder, smallProject } from '../services/smallProjects'
import { plain } from '../storage/testImages'

const entry = join(import.meta.dirname, '../../../out/main/index.js')
const fixtures = join(import.meta.dirname, '../../fixtures')
const folder = mkdtempSync(join(tmpdir(), 'interlock-map-'))
const env = { ...process.env, INTERLOCK_HOME: join(folder, 'home') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command; Ctrl-C after some time, where one is given. */
function cli(
  args: readonly string[],
  interruptAfter?: number,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], { cwd: folder, env })
    const timer =
      interruptAfter === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), interruptAfter)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
  })
}

beforeAll(async () => {
  await classFolder(join(folder, 'data'), ['dark', 'light'], 10)
  writeFileSync(join(folder, 'small.json'), JSON.stringify(smallProject('data', 2, 20)))
  copyFileSync(join(fixtures, 'scene/grey.tif'), join(folder, 'grey.tif'))
  copyFileSync(join(fixtures, 'scene/scene.tif'), join(folder, 'bands.tif'))
  copyFileSync(join(fixtures, 'images/text.tif'), join(folder, 'text.tif'))
  await plain(64, 48, [200, 200, 200]).toColourspace('b-w').tiff().toFile(join(folder, 'nowhere.tif'))
  await plain(4000, 4000, [90, 90, 90])
    .toColourspace('b-w')
    .tiff({ tile: true })
    .toFile(join(folder, 'large.tif'))
  const trained = await cli(['train', 'small.json', '--data', 'data', '--threads', '1', '--out', 'run'])
  expect(trained.code).toBe(0)
})

describe('map', () => {
  test('says how it is used', async () => {
    const { code, stdout } = await cli(['map', '--help'])
    expect(code).toBe(0)
    for (const word of ['<model>', '<scene>', '--out', '--patch', '--stride', '--json'])
      expect(stdout).toContain(word)
    expect(await cli(['map', 'run', 'grey.tif'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out') as string,
    })
  })

  test('writes a map in the place of the scene: as JSON, and in words', async () => {
    const answer = await cli(['map', 'run', 'grey.tif', '--out', 'map.tif', '--stride', '4', '--json'])
    expect(answer.code).toBe(0)
    const map = JSON.parse(answer.stdout) as { classes: { class: string; pixels: number }[] }
    expect(map).toMatchObject({
      ...{ file: join(folder, 'map.tif'), width: 104, height: 72, patch: 8, stride: 4, unclassified: 0 },
      classes: [{ class: 'dark' }, { class: 'light' }],
    })
    expect(map.classes.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(104 * 72)
    const tiff = await fromFile(join(folder, 'map.tif'))
    const image = await tiff.getImage()
    expect([image.getWidth(), image.getHeight(), ...image.getOrigin()]).toEqual([104, 72, 500000, 5600000, 0])
    const counts = [0, 0]
    for (const value of (await image.readRasters({ interleave: true })) as unknown as Uint8Array)
      counts[value]! += 1
    expect(counts).toEqual(map.classes.map(({ pixels }) => pixels))
    await tiff.close()
    const words = await cli(['map', 'run', 'grey.tif', '--out', 'map.tif'])
    expect(words.stdout).toMatch(/class\s+pixels\s+share\s+hectares[\s\S]*dark[\s\S]*Wrote .*map\.tif/)
  })

  test('a scene without coordinates gets a map without, and it is said', async () => {
    const { code, stderr, stdout } = await cli(['map', 'run', 'nowhere.tif', '--out', 'nowhere-map.tif'])
    expect([code, stderr]).toEqual([0, 'The scene has no coordinates, so the map has none either.\n'])
    expect(stdout).not.toContain('hectares')
  })

  test.each([
    ['bands.tif', 'map.tif', /bands\.tif.*uint16/],
    ['text.tif', 'map.tif', /text\.tif/],
    ['none.tif', 'map.tif', /none\.tif/],
    ['grey.tif', 'no/such/map.tif', /no\/such\/map\.tif cannot be written/],
  ])('%s to %s: exit 2, one line', async (scene, out, message) => {
    const before = readdirSync(folder)
    const { code, stdout, stderr } = await cli(['map', 'run', scene, '--out', out])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(before)
  })

  test('Ctrl-C leaves no half file', async () => {
    const before = readdirSync(folder)
    const args = ['map', 'run', 'large.tif', '--out', 'large-map.tif', '--stride', '1', '--threads', '1']
    expect(await cli(args, 2000)).toEqual({
      ...{ code: 1, stdout: '', stderr: 'Called off. Nothing was written.\n' },
    })
    expect(readdirSync(folder)).toEqual(before)
  })
})
