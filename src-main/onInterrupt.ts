/** Signals that come this close together are one wish: npm passes on the SIGINT that the terminal has sent already. */
const oneWishMs = 1000

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls `stop` on the first Ctrl-C, SIGTERM or end of the terminal; another one a second or more later leaves at once with
 * exit code 130. The answered function lets go of the signals.
 */
export function onInterrupt(stop: () => void): () => void {
  let first: number | null = null
  const receive = () => {
    const now = performance.now()
    if (first === null) {
      first = now
      stop()
    } else if (now - first >= oneWishMs) process.exit(130)
  }
  for (const signal of signals) process.on(signal, receive)
  return () => {
    for (const signal of signals) process.off(signal, receive)
  }
}
