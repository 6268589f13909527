import { Command } from 'commander'
import { integer } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { print } from './terminal'

export function serveCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('serve')
    .description('the window in a browser, on loopback, with a token')
    .option('--port <n>', 'port (default: a free one)', integer(0, 65_535))
    .option('--no-open', 'print the address only')
    .action((options: { port?: number; open: boolean }) => {
      run(async () => {
        const { startWebShell } = await import('../webShell/webShell')
        const { address, closed } = await startWebShell({ port: options.port ?? 0, open: options.open })
        print(address)
        await closed
        return exitCodes.done
      })
    })
}
