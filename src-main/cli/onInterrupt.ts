/** Signals that come this close together are one wish: npm passes on the SIGINT that the terminal has sent already. */
const oneWishMs = 1000

/**
 * Calls `stop` on the first Ctrl-C (or SIGTERM); another one a second or more later leaves at once with exit code 130.
 * The answered function lets go of the signals.
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
  process.on('SIGINT', receive).on('SIGTERM', receive)
  return () => process.off('SIGINT', receive).off('SIGTERM', receive)
}
