/** The other end of `RemoteGpu`: creates executors on request and answers their calls. Knows nothing of windows or workers. */
import type { Executor } from '#shared/engine/executor'
import type { ExecutorReport } from '#shared/engine/protocol'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import type { Channel } from '#shared/rpc/channel'
import { ChunkedLink } from './chunkedLink'
import type {
  Argument,
  RemoteCalls,
  RemoteMethod,
  RemoteRequest,
  RemoteResponse,
  Result,
} from './remoteMessage'

export interface ExecutorSource {
  probe(): Promise<ExecutorReport>
  create(): Promise<Executor>
}

type Handlers = { [M in RemoteMethod]: (argument: Argument<M>, executor: number) => Promise<Result<M>> }

export function serveExecutors(channel: Channel, source: ExecutorSource): void {
  const executors = new Map<number, Executor>()
  let last = 0

  function find(executor: number): Executor {
    const found = executors.get(executor)
    if (!found) throw new InterlockError('INTERNAL', { problem: `there is no executor ${executor}` })
    return found
  }

  const handlers: Handlers = {
    probe: () => source.probe(),
    async open() {
      const created = await source.create()
      executors.set(++last, created)
      return { executor: last, info: created.info }
    },
    async prepare(plan, executor) {
      await find(executor).prepare(plan)
      return null
    },
    async loadImages({ set, images }, executor) {
      await find(executor).loadImages(set, images)
      return null
    },
    async setNormalisation(normalisation, executor) {
      await find(executor).setNormalisation(normalisation)
      return null
    },
    async write(tensors, executor) {
      await find(executor).write(tensors)
      return null
    },
    read: (names, executor) => find(executor).read(names),
    run: (request, executor) => find(executor).run(request),
    async dispose(_argument, executor) {
      await find(executor).dispose()
      executors.delete(executor)
      return null
    },
  }

  async function answer({ id, method, argument, executor }: RemoteRequest): Promise<RemoteResponse> {
    try {
      const handler = handlers[method] as (
        argument: unknown,
        executor: number,
      ) => Promise<RemoteCalls[RemoteMethod]['result']>
      return { type: 'result', id, value: await handler(argument, executor) }
    } catch (thrown) {
      return { type: 'error', id, error: toInterlockError(thrown).toData() }
    }
  }

  const link = new ChunkedLink(
    channel,
    // An answer that cannot be sent has nobody left to read it.
    (message) =>
      void answer(message as RemoteRequest).then((response) => link.send(response).catch(() => {})),
    () => {
      for (const executor of executors.values()) void executor.dispose()
      executors.clear()
    },
  )
}
