import { utilityProcess } from 'electron'
import { workerFile } from '../engine/workerFile'
import type { DecoderAnswer, DecoderProcess } from '../storage/decoding/decoderMessage'

/** A decoder as Electron's utility process: the packaged app's own binary cannot be forked as plain Node. */
export function startUtilityDecoder(): DecoderProcess {
  const child = utilityProcess.fork(workerFile('decoder'), [], {
    serviceName: 'Interlock image decoder',
    stdio: 'ignore',
  })
  return {
    post: (request) => child.postMessage(request),
    onAnswer: (handler) => void child.on('message', (message: DecoderAnswer) => handler(message)),
    onExit: (handler) => void child.on('exit', (code) => handler(`exit code ${code}`)),
    // The app ends when it is told to, whoever waits.
    setWaiting: () => undefined,
    kill: () => void child.kill(),
  }
}
