/**
 * The main side's end of the RPC, one for each window. Only requests for a known `service.method` are answered; the
 * services validate the arguments. Who may open a channel at all is the shell's business (token, Origin, sender frame).
 */
import { createBirpc } from 'birpc'
import { InterlockError } from '../issues/errors'
import type { Channel } from './channel'
import { isRequest, toFailure } from './rpcMessage'
import { findMethod } from './serviceMethods'
import type { MainServices, WindowEvents } from './services'

export interface ServedWindow {
  /** Tells the window; does nothing once it is gone. */
  events: WindowEvents
  close(): void
}

/**
 * `channel` carries messages (`packedChannel(…)`). `onDefect` hears of everything that is not an InterlockError, with
 * its stack; the window only gets INTERNAL with the message.
 */
export function serveWindow(
  channel: Channel,
  services: MainServices,
  onDefect: (error: unknown) => void,
): ServedWindow {
  let closed = false

  function resolve(name: string): (...args: unknown[]) => Promise<unknown> {
    return async (...args) => {
      try {
        const found = findMethod(name)
        if (!found) {
          throw new InterlockError('ARGUMENT_INVALID', {
            what: 'RPC method',
            expected: 'a method of a service',
            found: name.slice(0, 80),
          })
        }
        const service = services[found.service] as unknown as Record<
          string,
          (...args: unknown[]) => Promise<unknown>
        >
        return await service[found.method]?.(...args)
      } catch (error) {
        if (!(error instanceof InterlockError)) onDefect(error)
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- plain data crosses every port; an Error does not
        throw toFailure(error)
      }
    }
  }

  const rpc = createBirpc<WindowEvents, Record<string, never>, false>(
    {},
    {
      post: (message) => {
        if (!closed) channel.post(message)
      },
      on: (receive) => channel.onMessage((message) => isRequest(message) && receive(message)),
      resolver: resolve,
      proxify: false,
      onGeneralError: (error) => {
        onDefect(error)
        return true
      },
    },
  )

  const end = () => {
    closed = true
    rpc.$close()
  }
  channel.onClose(end)

  return {
    events: {
      runEvent: (event) => {
        if (!closed) void rpc.$callEvent('runEvent', event).catch(onDefect)
      },
      dataEvent: (event) => {
        if (!closed) void rpc.$callEvent('dataEvent', event).catch(onDefect)
      },
      rateEvent: (event) => {
        if (!closed) void rpc.$callEvent('rateEvent', event).catch(onDefect)
      },
      command: (id) => {
        if (!closed) void rpc.$callEvent('command', id).catch(onDefect)
      },
    },
    close() {
      end()
      channel.close()
    },
  }
}
