/** A process that trains one work, or predicts with it, when told to: ours, or a peer's. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export interface Timing {
  seconds: number
  cpuSeconds: number
  /** Bytes of the resident set above the loaded, idle process, at most so far. */
  memory: number
}

interface Ready {
  ready: true
  /** What it is, for people. */
  name: string
  wide?: boolean
}

export class Contestant {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly lines: AsyncIterator<string>,
    private readonly reader: Interface,
    readonly about: Ready,
  ) {}

  /** Rejects with the last line that the process said where it does not come up. */
  static async start(
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Contestant> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    child.stdin.on('error', () => undefined)
    const failed = new Promise<never>((_, reject) => child.on('error', reject))
    failed.catch(() => undefined)
    const reader = createInterface({ input: child.stdout })
    const lines = reader[Symbol.asyncIterator]()
    const about = await Promise.race([Contestant.answer<Ready>(lines), failed]).catch((thrown: Error) => {
      const line = complaint.trim().split('\n').at(-1)
      throw new Error(line === undefined || line === '' ? thrown.message : line)
    })
    return new Contestant(child, lines, reader, about)
  }

  /** So many training steps, or images one at a time. */
  async run(count: number): Promise<Timing> {
    this.child.stdin.write(`${count}\n`)
    return Contestant.answer<Timing>(this.lines)
  }

  end(): void {
    this.child.stdin.end()
    this.reader.close()
    this.child.kill()
  }

  /** The next line that is a JSON object; libraries may say other things. */
  private static async answer<T>(lines: AsyncIterator<string>): Promise<T> {
    for (;;) {
      const next: IteratorResult<string, unknown> = await lines.next()
      if (next.done === true) throw new Error('it ended')
      if (next.value.startsWith('{')) return JSON.parse(next.value) as T
    }
  }
}
