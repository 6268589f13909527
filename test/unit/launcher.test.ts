/** The parts of the launcher that can be tried without installing or building. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { findChromium } from '../../src-main/launcher/chromium.mjs'
import { runCommand } from '../../src-main/launcher/command.mjs'
import { findElectron, missingDisplay } from '../../src-main/launcher/electronRuntime.mjs'
import { checkNode } from '../../src-main/launcher/ensureReady.mjs'
import { withLock } from '../../src-main/launcher/lock.mjs'

const folder = mkdtempSync(join(tmpdir(), 'interlock-launcher-'))
const launcher = join(import.meta.dirname, '..', '..', 'src-main', 'launcher')
afterAll(() => rmSync(folder, { recursive: true }))

describe('the Node check', () => {
  it.each(['20.19.0', '20.20.1', '22.0.0', '24.11.1', '100.0.0'])('takes %s', (version) => {
    expect(() => checkNode(version)).not.toThrow()
  })
  it.each(['20.18.3', '18.20.8', '20.9.0', '9.11.2'])('refuses %s with what to do', (version) => {
    expect(() => checkNode(version)).toThrow(`needs Node 20.19 or newer; this is Node ${version}. Install`)
  })
})

describe('the lock', () => {
  const lock = join(folder, 'lock')
  beforeEach(() => {
    rmSync(lock, { force: true })
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    return () => vi.restoreAllMocks()
  })

  it('keeps processes out of each other’s way', async () => {
    const log = join(folder, 'log')
    writeFileSync(log, '')
    const script = `
      import { appendFileSync } from 'node:fs'
      import { withLock } from ${JSON.stringify(pathToFileURL(join(launcher, 'lock.mjs')).href)}
      for (let i = 0; i < 3; i++) await withLock(${JSON.stringify(lock)}, 'busy', async () => {
        appendFileSync(${JSON.stringify(log)}, 'in\\n')
        await new Promise((resolve) => setTimeout(resolve, 20))
        appendFileSync(${JSON.stringify(log)}, 'out\\n')
      })`
    const results = await Promise.all(
      [1, 2, 3].map(() => runCommand(process.execPath, ['--input-type=module', '-e', script])),
    )
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(readFileSync(log, 'utf8')).toBe('in\nout\n'.repeat(9))
  })

  it('is taken over from a process that died', async () => {
    const dead = spawn(process.execPath, ['-e', ''])
    await new Promise((resolve) => dead.on('close', resolve))
    writeFileSync(lock, String(dead.pid))
    expect(await withLock(lock, 'busy', async () => 'done')).toBe('done')
    expect(existsSync(lock)).toBe(false)
  })

  it('is taken over when it was never filled', async () => {
    writeFileSync(lock, '')
    const longAgo = new Date(Date.now() - 10_000)
    utimesSync(lock, longAgo, longAgo)
    expect(await withLock(lock, 'busy', async () => 'done')).toBe('done')
  })

  it('is given back when the work fails', async () => {
    await expect(withLock(lock, 'busy', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(existsSync(lock)).toBe(false)
  })
})

describe('what is looked for', () => {
  it('finds Electron where ELECTRON_OVERRIDE_DIST_PATH says, if it is there', () => {
    const names: Partial<Record<NodeJS.Platform, string>> = { win32: 'electron.exe', darwin: 'Electron.app' }
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toBeNull()
    if (process.platform === 'darwin') return
    const file = join(folder, names[process.platform] ?? 'electron')
    writeFileSync(file, '#!/bin/sh\n')
    chmodSync(file, 0o755)
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toBe(file)
  })

  it('asks for a display on Linux only', () => {
    const display = missingDisplay({})
    expect(display).toBe(process.platform === 'linux' ? 'there is no display' : null)
    expect(missingDisplay({ DISPLAY: ':0' })).toBeNull()
    expect(missingDisplay({ WAYLAND_DISPLAY: 'wayland-0' })).toBeNull()
  })

  it('takes the browser that CHROME_PATH names, and no other when it is not there', () => {
    expect(findChromium({ CHROME_PATH: process.execPath })).toBe(process.execPath)
    expect(findChromium({ CHROME_PATH: join(folder, 'nothing') })).toBeNull()
  })
})

describe('a command', () => {
  it('answers exit code and output of both streams', async () => {
    const { code, output } = await runCommand(process.execPath, [
      '-e',
      'console.log(1); console.error(2); process.exit(3)',
    ])
    expect(code).toBe(3)
    expect(output.split('\n').sort()).toEqual(['', '1', '2'])
  })
  it('that cannot be started answers 127', async () => {
    expect((await runCommand(join(folder, 'nothing'), [])).code).toBe(127)
  })
})
