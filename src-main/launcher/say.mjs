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
 * Runs a launcher script: prints a LauncherError as its text and exits 1.
 * @param {() => Promise<void>} main
 */
export async function runLauncher(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
