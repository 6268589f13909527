/**
 * `npm test [-- FILTER …]`: everything that must hold: type check, lint, and all tests, from nothing but Node. Filters go to
 * vitest (`npm test -- test/unit`) and leave out type check and lint.
 */
import { readFile, rm } from 'node:fs/promises'
import { relative, join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { handOver, runCommand } from './command.mjs'
import { conformanceLines } from './conformanceLines.mjs'
import { ensureReady } from './ensureReady.mjs'
import { root } from './root.mjs'
import { runLauncher, say } from './say.mjs'

const reportFile = join(root, 'out', 'test-report.json')

/** @param {string} path */
const tool = (path) => join(root, 'node_modules', path)

/** Checks besides the tests: name and arguments of Node. @type {readonly (readonly [string, ...string[]])[]} */
const checks = [
  ['Types of src-shared', tool('typescript/bin/tsc'), '-p', 'src-shared'],
  ['Types of src-main', tool('typescript/bin/tsc'), '-p', 'src-main'],
  ['Types of the preload', tool('typescript/bin/tsc'), '-p', 'src-main/preload'],
  ['Types of the graphics window', tool('typescript/bin/tsc'), '-p', 'src-main/engine/hostWindow'],
  ['Types of src-renderer', tool('vue-tsc/bin/vue-tsc.js'), '-p', 'src-renderer'],
  ['Types of test', tool('vue-tsc/bin/vue-tsc.js'), '-p', 'test'],
  ['Lint', tool('eslint/bin/eslint.js'), '.'],
  ['Format', tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
]

/** Runs the checks two at a time. @returns {Promise<string[]>} The names of those that failed. */
async function runChecks() {
  const waiting = [...checks]
  /** @type {string[]} */
  const failed = []
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const [name, ...args] = check
      const startedAt = Date.now()
      const { code, output } = await runCommand(process.execPath, args, { cwd: root })
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(0)
      say(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
      if (code === 0) continue
      failed.push(name)
      process.stderr.write(output)
    }
  }
  await Promise.all([work(), work()])
  return failed
}

/**
 * @typedef {{ status: string, fullName: string, title: string, ancestorTitles: string[] }} Assertion
 * @typedef {{ name: string, status: string, assertionResults: Assertion[] }} TestFile
 */

/** Counts from vitest's JSON report; a file that could not even be loaded counts as one failure. */
async function readReport() {
  /** @type {{ testResults: TestFile[] }} */
  const { testResults } = JSON.parse(await readFile(reportFile, 'utf8'))
  const tests = testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: relative(root, file.name) })),
  )
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: tests.filter((test) => test.status === 'failed').length + brokenFiles.length,
    skipped: tests.filter((test) => test.status !== 'passed' && test.status !== 'failed'),
    conformance: conformanceLines(tests),
  }
}

await runLauncher(async () => {
  const filters = process.argv.slice(2)
  await ensureReady()
  const chromium = await ensureChromium()
  const failedChecks = filters.length > 0 ? [] : await runChecks()

  await rm(reportFile, { force: true })
  const vitest = [tool('vitest/vitest.mjs'), 'run', '--root', '.', '--config', 'test/vitest.config.ts']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const code = await handOver(process.execPath, [...vitest, ...reporters, ...filters], {
    cwd: root,
    env: { ...process.env, CHROME_PATH: chromium },
  })

  const unread = { passed: 0, failed: 1, skipped: [], conformance: [] }
  const { passed, failed, skipped, conformance } = await readReport().catch(() => unread)
  for (const line of conformance) console.log(line)
  for (const test of skipped) console.log(`skipped: ${test.file} > ${test.fullName}`)
  for (const name of failedChecks) console.log(`failed: ${name}`)
  console.log(`${passed} passed, ${failed + failedChecks.length} failed, ${skipped.length} skipped`)
  process.exitCode = code !== 0 || failed > 0 || failedChecks.length > 0 ? 1 : 0
})
