import { Command, CommanderError } from 'commander'
import { toInterlockError } from '#shared/issues/errors'
import { version } from '../../package.json'
import { benchCommand } from './bench'
import { cacheCommand } from './cache'
import { checkCommand } from './check'
import { doctorCommand } from './doctor'
import { evaluateCommand } from './evaluate'
import { exitCodeOf, exitCodes, type ExitCode } from './exitCode'
import { exportCommand } from './export'
import { findRateCommand } from './findRate'
import { mapCommand } from './map'
import { predictCommand } from './predict'
import { sampleCommand } from './sample'
import { serveCommand } from './serve'
import { templateCommand } from './template'
import { say } from './terminal'
import { trainCommand } from './train'

const commands = [
  checkCommand,
  trainCommand,
  findRateCommand,
  evaluateCommand,
  predictCommand,
  mapCommand,
  exportCommand,
  templateCommand,
  sampleCommand,
  serveCommand,
  cacheCommand,
  doctorCommand,
  benchCommand,
]

/** Runs one command line, `process.argv` style. Never throws: what went wrong is one line on stderr and the exit code. */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  let work: (() => Promise<ExitCode>) | null = null
  const program = new Command('interlock')
    .description(
      'Design convolutional networks that fit, train them on your images, take the model with you.',
    )
    .version(version)
    .helpCommand(false)
    .showSuggestionAfterError(false)
  for (const command of commands) program.addCommand(command((chosen) => (work = chosen)))
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: () => undefined })
  }
  try {
    const given = argv[2]
    if (
      given === undefined ||
      (!given.startsWith('-') && !program.commands.some((one) => one.name() === given))
    ) {
      throw new CommanderError(2, 'interlock.command', unknownCommand(given, program))
    }
    program.parse(argv)
    return work === null ? exitCodes.done : await (work as () => Promise<ExitCode>)()
  } catch (thrown) {
    return report(thrown)
  }
}

function unknownCommand(given: string | undefined, program: Command): string {
  const names = program.commands.map((command) => command.name()).join(', ')
  return given === undefined
    ? `Expected a command: ${names}.`
    : `There is no command ${given}. Commands: ${names}.`
}

function report(thrown: unknown): ExitCode {
  if (thrown instanceof CommanderError) {
    // Help and version were asked for and are printed already.
    if (thrown.exitCode === 0) return exitCodes.done
    say(`${oneLine(thrown.message).replace(/^error: /, '')} (interlock --help)`)
    return exitCodes.badInput
  }
  const error = toInterlockError(thrown)
  say(oneLine(error.message))
  const code = exitCodeOf(error.code)
  if (code === exitCodes.internal && process.env['INTERLOCK_DEBUG'] !== undefined) {
    say(String((error.cause as Error | undefined)?.stack ?? error.stack))
  }
  return code
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim()
}
