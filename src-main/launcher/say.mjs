/**
 * One line for the person, on stderr: stdout belongs to results.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** A failure with a text that a person can act on; the launcher prints it without a stack. */
export class LauncherError extends Error {}

/**
 * Runs a launcher script: prints a LauncherError as its text and exits with `failure`.
 * @param {() => Promise<void>} main
 * @param {number} [failure]
 */
export async function runLauncher(main, failure = 1) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error
    say(error.message)
    process.exitCode = failure
  }
}
