/** Entry of a worker thread of the CPU executor: thread 1, 2, …; thread 0 is the executor's own. */
import { parentPort } from 'node:worker_threads'
import type { Program } from '../wasm/program'
import { ProgramThread, ThreadsStopped, type RunRequest, type SharedImages } from '../wasm/runProgram'

export type ThreadMessage =
  | {
      type: 'prepare'
      module: WebAssembly.Module
      memory: WebAssembly.Memory
      program: Program
      thread: number
    }
  | { type: 'images'; set: string; images: SharedImages }
  | { type: 'run'; request: RunRequest }

export type ThreadAnswer = { type: 'ready' } | { type: 'failed'; problem: string }

const port = parentPort
if (!port) throw new Error('cpuThread.js runs as a worker thread only')

const images = new Map<string, SharedImages>()
let program: ProgramThread | null = null

function answer(message: ThreadAnswer): void {
  port!.postMessage(message)
}

port.on('message', (message: ThreadMessage) => {
  switch (message.type) {
    case 'prepare': {
      const { module, memory, thread } = message
      const instance = new WebAssembly.Instance(module, { env: { memory } })
      program = new ProgramThread(message.program, instance.exports, memory, thread, images)
      answer({ type: 'ready' })
      break
    }
    case 'images':
      images.set(message.set, message.images)
      break
    case 'run':
      try {
        // The executor's own thread looks after the others; this one waits for as long as it takes.
        for (const _late of program!.run(message.request));
      } catch (thrown) {
        program!.stopOthers()
        if (!(thrown instanceof ThreadsStopped)) answer({ type: 'failed', problem: String(thrown) })
      }
  }
})
answer({ type: 'ready' })
