import { Command } from 'commander'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { version } from '../../package.json'
import { machineMemory } from '../engine/machineMemory'
import { EngineClient } from '../services/engineClient'
import { exitCodes, type ExitCode } from './exitCode'
import { print, printJson } from './terminal'

export function doctorCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('doctor')
    .description(
      'executors and adapters found, which one auto takes and why, Electron runtime present or not',
    )
    .option('--json', 'the report as JSON on stdout')
    .action((options: { json?: true }) => {
      run(async () => {
        const engine = new EngineClient()
        try {
          const { executors, auto } = await engine.probe()
          const electron = electronRuntime()
          const machine = {
            platform: process.platform,
            arch: process.arch,
            cores: availableParallelism(),
            memoryBytes: machineMemory(),
          }
          if (options.json === true) {
            printJson({ version, node: process.versions.node, machine, executors, auto, electron })
          } else {
            print(`Interlock ${version}, Node ${process.versions.node}, ${machine.platform} ${machine.arch}`)
            for (const { kind, available, name, software, problem, note } of executors) {
              const state = available
                ? `${name}${software ? ' (runs on the processor)' : ''}${note === undefined ? '' : `. ${note}`}`
                : `no (${problem ?? ''})`
              print(`${kind}: ${state}`)
            }
            print(`auto takes ${auto.name}. ${auto.reason}`)
            print(
              `Electron runtime: ${electron.present ? (electron.path ?? '') : 'not present; the window opens in a browser'}`,
            )
          }
          return exitCodes.done
        } finally {
          await engine.dispose()
        }
      })
    })
}

/** Where Electron's executable is, as the package's own `path.txt` says; its download may never have happened. */
function electronRuntime(): { present: boolean; path: string | null } {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const electron = join(folder, 'node_modules', 'electron')
    if (existsSync(join(electron, 'package.json'))) {
      const pathFile = join(electron, 'path.txt')
      const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
      if (!existsSync(pathFile)) return { present: false, path: null }
      const path = join(override ?? join(electron, 'dist'), readFileSync(pathFile, 'utf8').trim())
      return existsSync(path) ? { present: true, path } : { present: false, path: null }
    }
    const parent = dirname(folder)
    if (parent === folder) return { present: false, path: null }
    folder = parent
  }
}
