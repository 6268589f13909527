/** Entry of the built program: the desktop shell under Electron, the command line under plain Node. */
if (process.versions['electron'] !== undefined) {
  const { startDesktop } = await import('./electron/main')
  // Not awaited: Electron becomes ready only after this module has run to its end.
  void startDesktop()
} else {
  // `interlock … | head` closes the pipe early; that is no error. A terminal that is gone answers EIO: what runs saves and ends.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    if (error.code !== 'EIO') throw error
  })
  process.stderr.on('error', () => undefined)
  // Node's own 1 would say "no" (cli.md).
  process.on('uncaughtException', (error) => {
    console.error(error)
    process.exit(3)
  })
  const { runCli } = await import('./cli/main')
  process.exitCode = await runCli(process.argv)
}

export {}
