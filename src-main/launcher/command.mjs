import { spawn } from 'node:child_process'

/**
 * Runs a program to its end and collects what it prints.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, echo?: boolean, shell?: boolean }} [options] `echo` also shows the output as it comes, on stderr.
 * @returns {Promise<{ code: number, output: string }>} Code 127 when it could not be started.
 */
export function runCommand(file, args, { cwd, env = process.env, echo = false, shell = false } = {}) {
  return new Promise((done) => {
    const child = spawn(file, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text
        if (echo) process.stderr.write(text)
      })
    }
    child.on('error', (error) => done({ code: 127, output: error.message }))
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
}

/**
 * Runs a program with this process's terminal; signals reach it, and its exit code is the answer.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function handOver(file, args, { cwd, env = process.env } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd, env, stdio: 'inherit' })
    // Ctrl+C reaches the child by itself (same terminal); this process only has to wait for it.
    const wait = () => {}
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    process.on('SIGINT', wait).on('SIGTERM', forward).on('SIGHUP', forward)
    child.on('error', fail)
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', forward).off('SIGHUP', forward)
      done(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1))
    })
  })
}

/**
 * The last lines of a program's output that say something, for an error message.
 * @param {string} output
 * @param {number} count
 */
export function lastLines(output, count) {
  return output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n')
}
