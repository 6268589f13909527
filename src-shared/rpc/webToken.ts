/**
 * How the window proves to the web shell that it was opened by the person who started it. The shell prints an address
 * with a random token in the fragment, which browsers never send; the window hands the token over as an offered
 * WebSocket subprotocol, so it is in no URL, cookie or log, and a connection without it is refused before it exists.
 */

/** Path of the WebSocket. */
export const rpcPath = '/rpc'

/** The subprotocol that both sides speak; the shell answers with this one, never with the token. */
export const rpcProtocol = 'interlock-rpc'

const tokenProtocolPrefix = 'interlock-token.'
const tokenPattern = /^[0-9a-f]{32,128}$/

/** What the person opens. `origin` without a slash at the end. */
export function windowAddress(origin: string, token: string): string {
  return `${origin}/#token=${token}`
}

/** The token in `location.hash`, or null. */
export function tokenOfFragment(hash: string): string | null {
  const token = /^#token=([0-9a-f]+)$/.exec(hash)?.[1]
  return token !== undefined && tokenPattern.test(token) ? token : null
}

/** Second argument of `new WebSocket(url, …)`. */
export function offeredProtocols(token: string): string[] {
  return [rpcProtocol, tokenProtocolPrefix + token]
}

/** The token among the offered subprotocols, or null when there is none or the RPC protocol is missing. */
export function tokenOfProtocols(offered: readonly string[]): string | null {
  if (!offered.includes(rpcProtocol)) return null
  const token = offered
    .find((name) => name.startsWith(tokenProtocolPrefix))
    ?.slice(tokenProtocolPrefix.length)
  return token !== undefined && tokenPattern.test(token) ? token : null
}
