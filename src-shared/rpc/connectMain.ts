/** The window's end of the RPC: services as if they were here, events as they come. */
import { createBirpc } from 'birpc'
import { errorTexts, InterlockError, toInterlockError } from '../issues/errors'
import type { Channel } from './channel'
import { isAnswer, isFailure, isRequest } from './rpcMessage'
import { serviceMethods, windowEventNames } from './serviceMethods'
import type { MainServices, WindowEvents } from './services'

export interface MainConnection {
  services: MainServices
  /** Calls `handler` once when the main side is gone. Calls under way, and all later ones, reject with CONNECTION_LOST. */
  onClose(handler: () => void): void
  close(): void
}

/** The error as it was thrown on the main side. */
function rethrown(problem: unknown): InterlockError {
  if (isFailure(problem)) {
    const { code, details, message } = problem.interlockError
    return Object.hasOwn(errorTexts, code)
      ? new InterlockError(code, details)
      : new InterlockError('INTERNAL', { problem: message })
  }
  return problem instanceof Error
    ? toInterlockError(problem)
    : new InterlockError('INTERNAL', { problem: 'the answer could not be sent' })
}

/** `channel` carries messages: `packedChannel(portChannel(port))` or `packedChannel(webSocketChannel(socket))`. */
export function connectMain(channel: Channel, events: WindowEvents): MainConnection {
  let closed = false
  const closeHandlers: (() => void)[] = []
  const lost = () => new InterlockError('CONNECTION_LOST')

  const rpc = createBirpc<Record<string, (...args: unknown[]) => unknown>, Partial<WindowEvents>, false>(
    {},
    {
      post: (message) => channel.post(message),
      on: (receive) =>
        channel.onMessage((message) => (isRequest(message) || isAnswer(message)) && receive(message)),
      resolver: (name) =>
        Object.hasOwn(windowEventNames, name) ? events[name as keyof WindowEvents].bind(events) : undefined,
      proxify: false,
      // A dialog may stay open for as long as a person likes; a closed channel ends the wait.
      timeout: -1,
    },
  )

  channel.onClose(() => {
    if (closed) return
    closed = true
    rpc.$close(lost())
    for (const handler of closeHandlers) handler()
  })

  async function call(name: string, args: unknown[]): Promise<unknown> {
    if (closed) throw lost()
    try {
      return await rpc.$call(name, ...args)
    } catch (problem) {
      throw rethrown(problem)
    }
  }

  const services = Object.fromEntries(
    Object.entries(serviceMethods).map(([service, methods]) => [
      service,
      Object.fromEntries(
        Object.keys(methods).map((method) => [
          method,
          (...args: unknown[]) => call(`${service}.${method}`, args),
        ]),
      ),
    ]),
  ) as unknown as MainServices

  return {
    services,
    onClose: (handler) => void closeHandlers.push(handler),
    close() {
      closed = true
      rpc.$close(lost())
      channel.close()
    },
  }
}
