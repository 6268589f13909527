/** Which Node the launcher hands over to. */
import { afterEach, expect, it, vi } from 'vitest'
import { findNode } from '../../src-main/launcher/ownNode.mjs'

afterEach(() => vi.unstubAllEnvs())

it('keeps to the running Node when asked to', async () => {
  vi.stubEnv('INTERLOCK_NODE', 'off')
  expect(await findNode()).toBe(process.execPath)
})

it('takes the Node whose path is given, if it answers', async () => {
  vi.stubEnv('INTERLOCK_NODE', process.execPath)
  expect(await findNode()).toBe(process.execPath)
  vi.stubEnv('INTERLOCK_NODE', '/no/such/node')
  await expect(findNode()).rejects.toThrow(/INTERLOCK_NODE is \/no\/such\/node/)
})

it('finds one that runs', async () => {
  vi.stubEnv('INTERLOCK_NODE', '')
  const file = await findNode()
  expect(file === process.execPath || file.includes('node_modules')).toBe(true)
})
