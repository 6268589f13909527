/** Real decoder processes: what they answer, and what happens when they die or hang. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DecodePool, type DecodePoolOptions } from '../../../src-main/storage/decoding/decodePool'
import type { DecoderProcess } from '../../../src-main/storage/decoding/decoderMessage'
import { startNodeDecoder } from '../../../src-main/storage/decoding/nodeDecoder'
import { skipReason } from '../../../src-main/storage/gatherImages'
import { plain, put, temporaryFolder } from './testImages'

const target = { height: 4, width: 4, channels: 3, resize: 'stretch' } as const
const png = (level: number) => plain(6, 6, [level, level, level]).png().toBuffer()

/** A pool of real processes, which the test can look at. */
function watchedPool(options: Partial<DecodePoolOptions> = {}) {
  const processes: (DecoderProcess & { exit: string | null })[] = []
  const start = (): DecoderProcess => {
    const started = { ...startNodeDecoder(), exit: null as string | null }
    started.onExit((how) => (started.exit = how))
    processes.push(started)
    return started
  }
  const pool = new DecodePool({ start, most: 2, ...options })
  onTestFinished(() => pool.dispose())
  return { pool, processes }
}

async function images(folder: string, count: number): Promise<string[]> {
  const files: string[] = []
  for (let i = 0; i < count; i++) files.push(put(folder, `${i}.png`, await png(i)))
  return files
}

/** A file that nobody can read to its end: who opens it waits for ever. */
function endless(folder: string): string {
  const file = join(folder, 'endless.png')
  execFileSync('mkfifo', [file])
  return file
}

const reasonOf = (work: Promise<unknown>) => work.then(() => 'decoded', skipReason)

describe('the pool', () => {
  test('decodes in a few processes, started when they are needed and ended when they are idle', async () => {
    const { pool, processes } = watchedPool({ idleLimit: 50 })
    expect(processes).toHaveLength(0)
    const files = await images(temporaryFolder(), 40)
    const decoded = await Promise.all(files.map((file) => pool.decode(file, target)))
    decoded.forEach(({ pixels, sums }, i) => {
      expect([...pixels]).toEqual(new Array(48).fill(i))
      const all = (value: number) => [value, value, value]
      expect(sums).toEqual({
        ...{ counts: all(16), sums: all(16 * i), squares: all(16 * i * i) },
        ...{ least: all(i), most: all(i) },
      })
    })
    expect(new Set(decoded.map(({ hash }) => hash)).size).toBe(40)
    expect(await pool.hash(files[7]!)).toBe(decoded[7]!.hash)
    expect(await pool.facts(files[0]!)).toMatchObject({ height: 6, width: 6, bands: 3 })
    expect(processes).toHaveLength(2)
    await expect.poll(() => processes.map(({ exit }) => exit)).toEqual(['SIGKILL', 'SIGKILL'])
    // And it works again after that.
    expect((await pool.decode(files[1]!, target)).pixels[0]).toBe(1)
    expect(processes).toHaveLength(3)
  })

  test('one file needs one process', async () => {
    const { pool, processes } = watchedPool()
    const files = await images(temporaryFolder(), 2)
    await Promise.all(files.map((file) => pool.decode(file, target)))
    expect(processes).toHaveLength(1)
  })

  test('tells what is wrong with a file, and of a file that is not there', async () => {
    const { pool } = watchedPool()
    const folder = temporaryFolder()
    expect(await reasonOf(pool.decode(put(folder, 'x.png', 'text'), target))).toMatch(/content is not a/)
    const missing = pool.decode(join(folder, 'no.png'), target)
    await expect(missing).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  test('refuses what is asked for after its end, and what is under way then', async () => {
    const { pool } = watchedPool()
    const [file] = await images(temporaryFolder(), 1)
    const underWay = pool.decode(file!, target)
    pool.dispose()
    await expect(underWay).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
    await expect(pool.decode(file!, target)).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
  })
})

describe.skipIf(process.platform === 'win32')('a process that fails (skipped on Windows: no mkfifo)', () => {
  test('that is killed costs nothing: its files are decoded by another', async () => {
    const { pool, processes } = watchedPool({ most: 1 })
    const folder = temporaryFolder()
    const files = await images(folder, 10)
    const pipe = endless(folder)
    const all = Promise.all([pipe, ...files].map((file) => pool.decode(file, target)))
    await expect.poll(() => processes.length).toBe(1)
    await setTimeout(300)
    processes[0]!.kill()
    // The second process is at the pipe alone; it gets an image in the end.
    await expect.poll(() => processes.length).toBe(2)
    const bytes = await png(99)
    await setTimeout(300)
    writeFileSync(pipe, bytes)
    expect((await all).map(({ pixels }) => pixels[0])).toEqual([99, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(processes[0]!.exit).toBe('SIGKILL')
  })

  test('by the same file twice gives that file up, and goes on with the others', async () => {
    const deadly = (file: string) => file.endsWith('deadly.png')
    let started = 0
    const start = (): DecoderProcess => {
      started++
      const process = startNodeDecoder()
      return {
        ...process,
        post(request) {
          process.post(request)
          if (deadly(request.file)) void setTimeout(100).then(() => process.kill())
        },
      }
    }
    const pool = new DecodePool({ start, most: 2 })
    onTestFinished(() => pool.dispose())
    const folder = temporaryFolder()
    const pipe = endless(folder)
    execFileSync('mv', [pipe, join(folder, 'deadly.png')])
    const files = await images(folder, 30)
    files.splice(5, 0, join(folder, 'deadly.png'))
    const reasons = await Promise.all(files.map((file) => reasonOf(pool.decode(file, target))))
    expect(reasons[5]).toBe('the decoder broke down on it (SIGKILL)')
    expect(reasons.filter((reason) => reason !== 'decoded')).toHaveLength(1)
    expect(started).toBeGreaterThanOrEqual(3)
  })

  test('that hangs is ended after the time limit', async () => {
    const { pool, processes } = watchedPool({ most: 1, timeLimit: 1500 })
    const folder = temporaryFolder()
    const files = await images(folder, 5)
    const all = [endless(folder), ...files].map((file) => reasonOf(pool.decode(file, target)))
    const reasons = await Promise.all(all)
    expect(reasons[0]).toBe('decoding took more than 1.5 s and was given up')
    expect(reasons.slice(1)).toEqual(new Array(5).fill('decoded'))
    expect(processes[0]!.exit).toBe('SIGKILL')
  })
})
