/** `npm start`: which window opens, and what is said. On a built tree, so that only the choice of the shell is tried. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from './appServer'

const folder = mkdtempSync(join(tmpdir(), 'interlock-start-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Started {
  stdout: string
  stderr: string
  milliseconds: number
  code: number | null
}

/** Runs start.mjs until it prints an address or ends, then ends it as Ctrl+C does. */
function start(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<Started> {
  return new Promise((resolve) => {
    const startedAt = Date.now()
    let milliseconds = 0
    let stdout = ''
    let stderr = ''
    const child = spawn(process.execPath, [join(root, 'src-main', 'launcher', 'start.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, INTERLOCK_HOME: folder, BROWSER: 'none', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (!stdout.includes('#token=')) return
      milliseconds ||= Date.now() - startedAt
      // To the whole group, as a terminal does.
      process.kill(-(child.pid ?? 0), 'SIGINT')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('close', (code) =>
      resolve({ stdout, stderr, milliseconds: milliseconds || Date.now() - startedAt, code }),
    )
  })
}

const address = /^http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{32,}$/m

/** A program in the place of Electron's executable. */
function standIn(name: string, script: string): string {
  const place = mkdtempSync(join(folder, name))
  const file = join(place, 'electron')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return place
}

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('--no-open prints the address on stdout, and nothing else', async () => {
    const { stdout, stderr, code } = await start(['--no-open'], {})
    expect(stdout).toMatch(address)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('without a display opens the browser window and says why in one line', async () => {
    if (process.platform !== 'linux') return
    const { stdout, stderr } = await start([], { DISPLAY: undefined, WAYLAND_DISPLAY: undefined })
    expect(stdout).toMatch(address)
    expect(stderr.trim()).toBe('Opening the window in the browser, because there is no display.')
  })

  it('falls back when Electron cannot start, with its last words', async () => {
    const dist = standIn('dies', 'echo "noise" >&2; echo "The sandbox is not available" >&2; exit 1')
    const { stdout, stderr, milliseconds } = await start([], {
      DISPLAY: ':99',
      ELECTRON_OVERRIDE_DIST_PATH: dist,
    })
    expect(stdout).toMatch(address)
    expect(stderr.trim()).toBe(
      'Opening the window in the browser, because Electron could not start (The sandbox is not available).',
    )
    expect(milliseconds).toBeLessThan(8000)
  })

  it('uses Electron where it runs, with its exit code', async () => {
    const dist = standIn('runs', 'echo "started with $1"; sleep 4; exit 7')
    const { stdout, code } = await start([], { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: dist })
    expect(stdout.trim()).toBe(`started with ${root}`)
    expect(code).toBe(7)
  })

  it('refuses an argument that it does not know', async () => {
    const { stderr, code } = await start(['--prot', '80'], {})
    expect(stderr).toContain('Unknown argument --prot. Usage:')
    expect(code).toBe(1)
  })
})
