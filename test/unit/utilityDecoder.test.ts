/** The decoder's contract with Electron's utility process, on FakeElectron (a fake, over a real child process of Node). */
import { existsSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startUtilityDecoder } from '../../src-main/electron/utilityDecoder'
import { DecodePool } from '../../src-main/storage/decoding/decodePool'
import { fakeElectron } from './fakeElectron'
import { plain, put, temporaryFolder } from './storage/testImages'

vi.mock('electron', async () => (await import('./fakeElectron')).fakeElectron)

test('decodes in a utility process, and in another one after it died', async () => {
  const pool = new DecodePool({ start: startUtilityDecoder, most: 1 })
  onTestFinished(() => pool.dispose())
  const file = put(temporaryFolder(), 'x.png', await plain(3, 2, [7, 8, 9]).png().toBuffer())
  const target = { height: 1, width: 1, channels: 3, resize: 'stretch' } as const
  expect([...(await pool.decode(file, target)).pixels]).toEqual([7, 8, 9])
  const [first] = fakeElectron.utilityProcesses
  expect(existsSync(first!.file)).toBe(true)
  expect(first!.options).toMatchObject({ stdio: 'ignore' })

  const gone = new Promise((resolve) => first!.once('exit', resolve))
  first!.kill()
  await gone
  expect(await pool.facts(file)).toMatchObject({ height: 2, width: 3, bands: 3 })
  expect(fakeElectron.utilityProcesses).toHaveLength(2)
})
