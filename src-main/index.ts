/** Entry of the built program: the desktop shell under Electron, the command line under plain Node. */
if (process.versions['electron'] !== undefined) {
  const { startDesktop } = await import('./electron/main')
  // Not awaited: Electron becomes ready only after this module has run to its end.
  void startDesktop()
} else {
  // `interlock … | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const { runCli } = await import('./cli/main')
  process.exitCode = await runCli(process.argv)
}

export {}
