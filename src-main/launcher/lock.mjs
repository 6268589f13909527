import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './say.mjs'

const staleAfterMs = 30 * 60_000

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** @param {string} file */
async function isStale(file) {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)])
    const age = Date.now() - mtimeMs
    if (age > staleAfterMs) return true
    // Just created and not yet filled: its owner is about to write its id.
    return text === '' ? age > 5_000 : !isAlive(Number(text))
  } catch {
    return false
  }
}

/**
 * Does `work` while no other process does, with a file that holds the owner's process id. The lock of a process that
 * died is taken over.
 * @template T
 * @param {string} file
 * @param {string} what For the one line printed when it has to wait: `Another Interlock is <what>; waiting …`.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, what, work) {
  await mkdir(dirname(file), { recursive: true })
  let told = false
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    if (await isStale(file)) {
      // Renamed first, so that of two that find it stale only one removes it.
      const aside = `${file}.stale-${process.pid}`
      await rename(file, aside).then(
        () => rm(aside, { force: true }),
        () => {},
      )
      continue
    }
    if (!told) say(`Another Interlock is ${what}; waiting …`)
    told = true
    await sleep(250)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}
