/**
 * The window's line to the main side. In Electron the preload hands a MessagePort over; in a browser it is a WebSocket
 * to the server that served this page, with the token from the address. Both carry the same packed messages.
 * A socket that drops is opened again with growing pauses; calls in between fail with a clear message.
 */
import { shallowRef } from 'vue'
import { portChannel, webSocketChannel, type Channel } from '#shared/rpc/channel'
import { connectMain, type MainConnection } from '#shared/rpc/connectMain'
import { packedChannel } from '#shared/rpc/packedChannel'
import { InterlockError } from '#shared/issues/errors'
import { offeredProtocols, rpcPath, tokenOfFragment } from '#shared/rpc/webToken'
import type { MainServices, WindowEvents } from '#shared/rpc/services'

export type ConnectionState = 'connecting' | 'connected' | 'lost'

const tokenKey = 'interlock.token'
const firstPause = 500
const longestPause = 10_000

export const connectionState = shallowRef<ConnectionState>('connecting')
const connection = shallowRef<MainConnection | null>(null)

/** The services of the main side. Rejects with CONNECTION_LOST while there is none. */
export function services(): MainServices {
  if (!connection.value) throw new InterlockError('CONNECTION_LOST')
  return connection.value.services
}

/** Takes `#token=…` out of the address bar, so that it is neither bookmarked nor shown, and keeps it for this tab. */
function takeToken(): string {
  const token = tokenOfFragment(location.hash)
  if (token) {
    sessionStorage.setItem(tokenKey, token)
    history.replaceState(null, '', location.pathname + location.search)
  }
  return token ?? sessionStorage.getItem(tokenKey) ?? ''
}

function openSocket(token: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const protocol = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${protocol}://${location.host}${rpcPath}`, offeredProtocols(token))
    const channel = packedChannel(webSocketChannel(socket), (problem) => console.error(problem))
    socket.addEventListener('open', () => resolve(channel))
    socket.addEventListener('error', () => reject(new InterlockError('CONNECTION_LOST')))
  })
}

/** The port that Electron's preload posts. */
function takePort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const listen = (event: MessageEvent<unknown>) => {
      const { data, ports } = event
      const isPort = typeof data === 'object' && data !== null && 'interlockPort' in data
      if (event.source !== window || !isPort || !ports[0]) return
      removeEventListener('message', listen)
      resolve(ports[0])
    }
    addEventListener('message', listen)
  })
}

/** Connects, and stays connected. `onConnected` runs after every (re)connection. */
export async function startConnection(events: WindowEvents, onConnected: () => void): Promise<void> {
  function use(channel: Channel): MainConnection {
    const made = connectMain(channel, events)
    connection.value = made
    connectionState.value = 'connected'
    made.onClose(() => {
      connection.value = null
      connectionState.value = 'lost'
    })
    onConnected()
    return made
  }

  if (navigator.userAgent.includes('Electron/')) {
    use(packedChannel(portChannel(await takePort())))
    return
  }

  const token = takeToken()
  let pause = firstPause
  function tryAgain(): void {
    setTimeout(() => void open(), pause)
    pause = Math.min(pause * 2, longestPause)
  }
  async function open(): Promise<void> {
    try {
      const channel = await openSocket(token)
      pause = firstPause
      use(channel).onClose(tryAgain)
    } catch {
      connectionState.value = 'lost'
      tryAgain()
    }
  }
  await open()
}
