/** Keeps the last model ready: predictions mostly ask the same one again. */
import type { Executor, ExecutorChoice, ExecutorInfo } from '#shared/engine/executor'
import type { InferCommand } from '#shared/engine/protocol'
import type { NamedTensor } from '#shared/engine/tensors'
import { InferenceSession, type Inference } from './inference'

/** After so many milliseconds without a request the memory is given back. */
const idleMilliseconds = 30_000

type Asked = Pick<InferCommand, 'graph' | 'weights' | 'normalisation' | 'executor' | 'threads'>

interface Kept {
  asked: Asked
  executor: Executor
  session: InferenceSession
}

/** Shared memory may have been written to since; it never counts as the same. */
function sameWeights(a: readonly NamedTensor[], b: readonly NamedTensor[]): boolean {
  const bytes = ({ data }: NamedTensor): Uint8Array =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const same = (one: NamedTensor, other: NamedTensor): boolean =>
    one.name === other.name &&
    one.data.buffer instanceof ArrayBuffer &&
    Buffer.compare(bytes(one), bytes(other)) === 0
  return a.length === b.length && a.every((tensor, i) => same(tensor, b[i]!))
}

function sameModel({ weights: a, ...rest }: Asked, { weights: b, ...other }: Asked): boolean {
  return JSON.stringify(rest) === JSON.stringify(other) && sameWeights(a, b)
}

export class InferenceKeeper {
  private kept: Kept | null = null
  /** The last request, which the next waits for. */
  private last: Promise<unknown> = Promise.resolve()
  private waiting = 0
  private dropWanted = false
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly createExecutor: (choice: ExecutorChoice, threads: number | null) => Promise<Executor>,
    private readonly idle = idleMilliseconds,
  ) {}

  /** Requests run one after the other. Throws what {@link InferenceSession.run} and the executor's creation throw. */
  infer(command: Omit<InferCommand, 'type' | 'requestId'>): Promise<Inference & { executor: ExecutorInfo }> {
    this.waiting++
    const result = this.last.then(() => this.answer(command))
    this.last = result
      .catch(() => undefined)
      .then(async () => {
        this.waiting--
        if (this.waiting === 0 && this.dropWanted) await this.release()
      })
    return result
  }

  /** Gives the memory back, as soon as nothing is being computed. */
  async drop(): Promise<void> {
    this.dropWanted = true
    if (this.waiting === 0) await this.release()
  }

  private async answer({
    images,
    graph,
    weights,
    normalisation,
    executor,
    threads,
  }: Omit<InferCommand, 'type' | 'requestId'>): Promise<Inference & { executor: ExecutorInfo }> {
    clearTimeout(this.timer)
    const asked = { graph, weights, normalisation, executor, threads }
    const known = this.kept !== null && sameModel(this.kept.asked, asked)
    try {
      if (!known) await this.open(asked)
      const kept = this.kept!
      const inference = await kept.session.run(images)
      this.timer = setTimeout(() => void this.drop(), this.idle).unref()
      return { ...inference, executor: { ...kept.executor.info } }
    } catch (thrown) {
      await this.release()
      // What was kept may have died meanwhile (a lost device, a killed thread): once more with a new one.
      if (known) return this.answer({ images, ...asked })
      throw thrown
    }
  }

  private async open(asked: Asked): Promise<void> {
    await this.release()
    const executor = await this.createExecutor(asked.executor, asked.threads)
    this.kept = { asked, executor, session: new InferenceSession(asked, executor) }
  }

  private async release(): Promise<void> {
    clearTimeout(this.timer)
    this.dropWanted = false
    const { kept } = this
    this.kept = null
    await kept?.executor.dispose().catch(() => undefined)
  }
}
