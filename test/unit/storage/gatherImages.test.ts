/** Gathering images over a real cache folder and real decoder processes. */
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SkippedFile } from '#shared/rpc/services'
import { gatherImages, type ImageStore } from '../../../src-main/storage/gatherImages'
import { allocate } from '../../../src-main/storage/pixelMemory'
import { noise, put, temporaryFolder } from './testImages'
import { testStore } from './testStore'

const target = { height: 10, width: 10, channels: 3, resize: 'stretch' } as const
const size = 300

async function imageFolder(count: number): Promise<{ folder: string; files: string[] }> {
  const folder = temporaryFolder()
  const files: string[] = []
  for (let i = 0; i < count; i++)
    files.push(
      put(
        folder,
        `${i}.png`,
        await noise(12, 12, i + 1)
          .png()
          .toBuffer(),
      ),
    )
  age(files)
  return { folder, files }
}

/** As if the files had been there for a while. The time of a file's own change cannot be set: it is not settled yet. */
function age(files: readonly string[]): void {
  for (const file of files) utimesSync(file, new Date(2020, 1, 1), new Date(2020, 1, 1))
}

async function gather(
  store: ImageStore,
  source: { folder: string; files: readonly string[] },
  room?: number,
) {
  const skipped: SkippedFile[] = []
  const gathered = await gatherImages(
    store,
    source,
    target,
    { onSkipped: (file) => skipped.push(file) },
    room,
  )
  await gathered.close()
  const { pixels, sums, report } = gathered
  return { pixels: pixels && Buffer.from(pixels), sums, report, skipped, gathered }
}

const packs = (cache: string) =>
  readdirSync(cache).flatMap((key) =>
    readdirSync(join(cache, key))
      .filter((name) => name.endsWith('.pixels'))
      .map((name) => join(cache, key, name)),
  )

describe('the cache', () => {
  test('gives the second time what was decoded the first time, without decoding', async () => {
    const source = await imageFolder(20)
    const cache = temporaryFolder()
    const first = await gather(testStore({ folder: cache }), source)
    expect(first.report).toEqual({ cached: 0, decoded: 20, damaged: 0, resized: 20 })
    const second = await gather(testStore({ folder: cache }), source)
    expect(second.report).toEqual({ cached: 20, decoded: 0, damaged: 0, resized: 20 })
    expect(second.pixels).toEqual(first.pixels)
    expect(second.sums).toEqual(first.sums)
    // Once the files have been at rest, they are not even opened: no process is started.
    const start = () => {
      throw new Error('nothing is to be decoded')
    }
    await new Promise((resolve) => setTimeout(resolve, 2100))
    await gather(testStore({ folder: cache }), source)
    const third = await gather(testStore({ folder: cache, pool: { start } }), source)
    expect(third.report).toEqual({ cached: 20, decoded: 0, damaged: 0, resized: 20 })
    expect(third.pixels).toEqual(first.pixels)
  })

  test('knows an image by its content: renamed and moved is the same, changed in place is not', async () => {
    const source = await imageFolder(4)
    const cache = temporaryFolder()
    await gather(testStore({ folder: cache }), source)
    const moved = temporaryFolder()
    const files = source.files.map((_, i) => join(moved, `other-${i}.png`))
    source.files.forEach((file, i) => renameSync(file, files[i]!))
    expect((await gather(testStore({ folder: cache }), { folder: moved, files })).report.cached).toBe(4)

    // Same length, same time of change of the content: only the content tells.
    const other = await noise(12, 12, 50).png().toBuffer()
    const { mtime } = statSync(files[2]!)
    writeFileSync(files[2]!, other)
    utimesSync(files[2]!, mtime, mtime)
    const changed = await gather(testStore({ folder: cache }), { folder: moved, files })
    expect(changed.report).toEqual({ cached: 3, decoded: 1, damaged: 0, resized: 4 })
    const alone = await gather(testStore(), { folder: moved, files })
    expect(changed.pixels).toEqual(alone.pixels)
  })

  test('tells how many images have another size, whether they are decoded or not', async () => {
    const source = await imageFolder(3)
    for (const [i, side] of [10, 10].entries())
      source.files.push(put(source.folder, `same${i}.png`, await noise(side, side, i).png().toBuffer()))
    const cache = temporaryFolder()
    expect((await gather(testStore({ folder: cache }), source)).report).toMatchObject({
      decoded: 5,
      resized: 3,
    })
    expect((await gather(testStore({ folder: cache }), source)).report).toMatchObject({
      cached: 5,
      resized: 3,
    })
    await new Promise((resolve) => setTimeout(resolve, 2100))
    await gather(testStore({ folder: cache }), source)
    const known = await gather(testStore({ folder: cache }), source, 0)
    expect(known.report).toMatchObject({ cached: 5, resized: 3 })
  })

  test('keeps images of another size apart', async () => {
    const source = await imageFolder(3)
    const cache = temporaryFolder()
    await gather(testStore({ folder: cache }), source)
    const larger = { ...target, height: 12 }
    const gathered = await gatherImages(testStore({ folder: cache }), source, larger, {})
    await gathered.close()
    expect(gathered.report.decoded).toBe(3)
  })

  test('notices damage, decodes again, says so, and is whole after that', async () => {
    const source = await imageFolder(10)
    const cache = temporaryFolder()
    const first = await gather(testStore({ folder: cache }), source)
    const [pack] = packs(cache)
    const bytes = readFileSync(pack!)
    bytes[3 * size + 17]! ^= 1
    bytes[7 * size]! ^= 128
    writeFileSync(pack!, bytes)
    const second = await gather(testStore({ folder: cache }), source)
    expect(second.report).toEqual({ cached: 8, decoded: 2, damaged: 2, resized: 10 })
    expect(second.pixels).toEqual(first.pixels)
    // Nothing of the damaged pack is trusted any more.
    const third = await gather(testStore({ folder: cache }), source)
    expect(third.report).toEqual({ cached: 2, decoded: 8, damaged: 0, resized: 10 })
    expect(third.pixels).toEqual(first.pixels)

    for (const file of packs(cache)) truncateSync(file, 2 * size)
    const cut = await gather(testStore({ folder: cache }), source)
    expect(cut.pixels).toEqual(first.pixels)
    expect(cut.report.damaged).toBeGreaterThan(0)
    for (const key of readdirSync(cache))
      for (const name of readdirSync(join(cache, key)))
        if (name.endsWith('.json')) writeFileSync(join(cache, key, name), '{"format":')
    expect((await gather(testStore({ folder: cache }), source)).pixels).toEqual(first.pixels)
  })

  test('stays within its limit, and throws out what was not used for longest', async () => {
    const sources = [await imageFolder(10), await imageFolder(10), await imageFolder(10)]
    // Each other pictures, as these are known by their content.
    for (const [n, { files }] of sources.entries())
      for (const [i, file] of files.entries())
        writeFileSync(
          file,
          await noise(12, 12, 1000 * n + i)
            .png()
            .toBuffer(),
        )
    const cache = temporaryFolder()
    const limit = 2.9 * 10 * size + 9000
    const run = (n: number) => gather(testStore({ folder: cache, limit }), sources[n]!)
    const store = testStore({ folder: cache, limit })
    const makeOld = (n: number) => {
      for (const key of readdirSync(cache))
        for (const name of readdirSync(join(cache, key)))
          utimesSync(join(cache, key, name), new Date(2020, 1, n), new Date(2020, 1, n))
    }
    for (let n = 0; n < 3; n++) {
      await run(n)
      if (n === 0) makeOld(1)
      expect(await store.cache.size()).toBeLessThanOrEqual(limit)
    }
    // The first was the oldest; the last is there.
    expect((await run(2)).report.decoded).toBe(0)
    expect((await run(0)).report.decoded).toBe(10)
    expect(await store.cache.size()).toBeLessThanOrEqual(limit)

    const freed = await store.cache.clear()
    expect(freed).toBeGreaterThan(0)
    expect(await store.cache.size()).toBe(0)
  })

  test('without room nothing is kept and everything still works', async () => {
    const source = await imageFolder(5)
    const truth = await gather(testStore(), source)
    const cache = temporaryFolder()
    for (let i = 0; i < 2; i++) {
      const none = await gather(testStore({ folder: cache, limit: 0 }), source)
      expect(none.report).toEqual({ cached: 0, decoded: 5, damaged: 0, resized: 5 })
      expect(none.pixels).toEqual(truth.pixels)
    }
    expect(readdirSync(cache).flatMap((key) => readdirSync(join(cache, key)))).toEqual([])
    // A cache that cannot be written costs time, nothing else.
    const file = put(temporaryFolder(), 'a-file', 'x')
    expect((await gather(testStore({ folder: join(file, 'cache') }), source)).pixels).toEqual(truth.pixels)
  })

  test('two at once share it', async () => {
    const source = await imageFolder(60)
    const truth = await gather(testStore(), source)
    const cache = temporaryFolder()
    const both = await Promise.all([0, 1].map(() => gather(testStore({ folder: cache }), source)))
    for (const { pixels, skipped } of both) {
      expect(pixels).toEqual(truth.pixels)
      expect(skipped).toEqual([])
    }
    // One clears it while another reads.
    const store = testStore({ folder: cache })
    const [after] = await Promise.all([gather(testStore({ folder: cache }), source), store.cache.clear()])
    expect(after.pixels).toEqual(truth.pixels)
  })
})

describe('what does not fit into memory', () => {
  const orders = [
    [3, 1, 4, 1, 5, 9, 2, 6],
    [0, 11, 10, 7],
  ]

  /** Reads orders through a stream, as the trainer does, and compares every image. */
  async function compare(store: ImageStore, source: { folder: string; files: string[] }): Promise<number[]> {
    const truth = await gather(testStore(), source)
    const gathered = await gatherImages(store, source, target, {}, 0)
    expect(gathered.pixels).toBeNull()
    expect(gathered.sums).toEqual(truth.sums)
    const positions = source.files.map((_, i) => i)
    const { ring, port } = gathered.stream(positions, Int32Array.from(positions), 2)
    const decodedOf: number[] = []
    for (const [n, order] of orders.entries()) {
      let ready = 0
      let decoded = 0
      let wake = () => {}
      port.addEventListener(
        'message',
        ({ data }: { data: { order: number; images: number; decoded: number } }) => {
          if (data.order !== n + 1) return
          ready = data.images
          decoded = data.decoded
          wake()
        },
      )
      port.start?.()
      port.postMessage({ type: 'order', order: n + 1, indices: Uint32Array.from(order) })
      for (const [i, index] of order.entries()) {
        while (ready <= i) await new Promise<void>((resolve) => (wake = resolve))
        const place = i % ring.count
        expect(ring.labels[place]).toBe(index)
        const pixels = Buffer.from(ring.pixels.slice(place * size, (place + 1) * size))
        expect(pixels).toEqual(truth.pixels!.subarray(index * size, (index + 1) * size))
        port.postMessage({ type: 'used', order: n + 1, images: i + 1 })
      }
      decodedOf.push(decoded)
    }
    await gathered.close()
    return decodedOf
  }

  test('comes in any order from the cache, through a ring of a few images', async () => {
    const source = await imageFolder(12)
    expect(await compare(testStore({ memory: 8 * size }), source)).toEqual([0, 0])
  })

  test('is decoded again where the cache has no room, and counted', async () => {
    const source = await imageFolder(12)
    expect(await compare(testStore({ memory: 8 * size, limit: 0 }), source)).toEqual([8, 4])
    const [first] = await compare(testStore({ memory: 8 * size, limit: 6 * size }), source)
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(8)
  })

  test('reads whole parts, in memory, for evaluation', async () => {
    const source = await imageFolder(12)
    const truth = await gather(testStore(), source)
    for (const limit of [0, 6 * size, 2 ** 40]) {
      const gathered = await gatherImages(testStore({ limit }), source, target, {}, 0)
      const { pixels, count } = await gathered.read([7, 0, 11], Int32Array.of(1, 2, 3), allocate(4 * size))
      await gathered.close()
      expect(count).toBe(3)
      for (const [to, from] of [7, 0, 11].entries()) {
        const own = Buffer.from(pixels.slice(to * size, (to + 1) * size))
        expect(own).toEqual(truth.pixels!.subarray(from * size, (from + 1) * size))
      }
    }
  })

  test('a file that goes while it is needed loses its label and is told once', async () => {
    const source = await imageFolder(3)
    const skipped: SkippedFile[] = []
    const store = testStore({ limit: 0 })
    const options = { onSkipped: (file: SkippedFile) => skipped.push(file) }
    const gathered = await gatherImages(store, source, target, options, 0)
    rmSync(source.files[1]!)
    for (let i = 0; i < 2; i++) {
      const images = await gathered.read([0, 1, 2], Int32Array.of(5, 6, 7), allocate(3 * size))
      expect([...images.labels]).toEqual([5, -1, 7])
    }
    await gathered.close()
    expect(skipped.map(({ file }) => file)).toEqual([source.files[1]])
  })
})
