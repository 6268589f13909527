import { fork } from 'node:child_process'
import { workerFile } from '../../engine/workerFile'
import type { DecoderAnswer, DecoderProcess } from './decoderMessage'

/** A decoder as a child process of plain Node. */
export function startNodeDecoder(): DecoderProcess {
  const child = fork(workerFile('decoder'), [], {
    serialization: 'advanced',
    // Switches of our own process (256-bit kernels, a debugger's port) are not its.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  let exited = false
  const handlers: ((how: string) => void)[] = []
  const exit = (how: string): void => {
    if (exited) return
    exited = true
    for (const handler of handlers) handler(how)
  }
  child.on('exit', (code, signal) => exit(signal === null ? `exit code ${code}` : signal))
  // It could not be started, or not be written to: the exit, if any, comes too late to tell more.
  child.on('error', (error) => exit(error.message))
  return {
    post: (request) => void child.send(request, (error) => error && exit(error.message)),
    onAnswer: (handler) => void child.on('message', (message) => handler(message as DecoderAnswer)),
    onExit: (handler) => void handlers.push(handler),
    setWaiting(waiting) {
      if (waiting) {
        child.ref()
        child.channel?.ref()
      } else {
        child.unref()
        child.channel?.unref()
      }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
