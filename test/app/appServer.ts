/** The built program as a person starts it: `serve --no-open`, with a home of its own. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
export const programFile = join(root, 'out', 'main', 'index.js')

export interface AppServer {
  /** Address with the token. */
  address: string
  /** A folder for settings, runs and whatever a test writes; removed by `stop`. */
  home: string
  /** Ends it as Ctrl+C does and answers its exit code. */
  stop(): Promise<number | null>
  /** Ends it as a crash or `kill -9` does. Its home stays. */
  kill(): Promise<void>
}

/** `home` goes on with that of a server that was killed. */
export async function startServer(home?: string): Promise<AppServer> {
  if (!existsSync(programFile)) throw new Error('The app tests need the build: npm run build')
  home ??= await mkdtemp(join(tmpdir(), 'interlock-app-'))
  const child = spawn(process.execPath, [programFile, 'serve', '--no-open'], {
    cwd: home,
    env: { ...process.env, INTERLOCK_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const address = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const found = /http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]+/.exec(output)?.[0]
        if (found) resolve(found)
      })
    }
    child.on('close', (code) => reject(new Error(`serve ended with ${code}: ${output}`)))
  })
  let stopping = false
  child.on('close', (code, signal) => {
    if (!stopping) console.error(`serve ended by itself (${code ?? signal}): ${output}`)
  })
  return {
    address,
    home,
    async stop() {
      stopping = true
      child.kill('SIGINT')
      const code = await ended
      await rm(home, { recursive: true, force: true })
      return code
    },
    async kill() {
      stopping = true
      child.kill('SIGKILL')
      await ended
    },
  }
}
