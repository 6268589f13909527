/**
 * `npm test [-- FILTER …]`: everything that must hold: type check, lint, and all tests, from nothing but Node. Filters go to
 * vitest (`npm test -- test/unit`) and leave out type check and lint.
 */
import { readFile, rm } from 'node:fs/promises'
import { relative, join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { handOver, runCommand } from './command.mjs'
import { conformanceLines, isConformance } from './conformanceLines.mjs'
import { ensureReady } from './ensureReady.mjs'
import { findNode } from './ownNode.mjs'
import { root } from './root.mjs'
import { runLauncher, say } from './say.mjs'

/** What is tried again on Interlock's own Node, where there is one: its kernels compute otherwise. */
const kernelTests = 'test/conformance/wasm.test.ts'

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

/**
 * Runs vitest; answers its exit code and its JSON report, or null where it wrote none.
 * @param {string} node
 * @param {readonly string[]} filters
 * @param {string} chromium
 */
async function runTests(node, filters, chromium) {
  const reportFile = join(root, 'out', 'test-report.json')
  await rm(reportFile, { force: true })
  const vitest = [tool('vitest/vitest.mjs'), 'run', '--root', '.', '--config', 'test/vitest.config.ts']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const env = { ...process.env, CHROME_PATH: chromium }
  const code = await handOver(node, [...vitest, ...reporters, ...filters], { cwd: root, env })
  const text = await readFile(reportFile, 'utf8').catch(() => null)
  /** @type {{ testResults: TestFile[] } | null} */
  const report = text === null ? null : JSON.parse(text)
  return { code, report }
}

/** Counts from vitest's report; a file that could not even be loaded counts as one failure. @param {TestFile[]} files */
function countTests(files) {
  const tests = files.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: relative(root, file.name) })),
  )
  const brokenFiles = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  /** @type {(test: Assertion) => boolean} */
  const isSkipped = ({ status }) => status !== 'passed' && status !== 'failed'
  // Skipped on one Node, run on the other.
  const groups = new Set(
    tests.filter((test) => !isSkipped(test)).map(({ ancestorTitles }) => ancestorTitles[0]),
  )
  /** @type {(test: Assertion) => boolean} */
  const isMissing = (test) => isSkipped(test) && !(isConformance(test) && groups.has(test.ancestorTitles[0]))
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: tests.filter((test) => test.status === 'failed').length + brokenFiles.length,
    skipped: tests.filter(isMissing),
    conformance: conformanceLines(tests.filter((test) => !isSkipped(test) || isMissing(test))),
  }
}

await runLauncher(async () => {
  const filters = process.argv.slice(2)
  await ensureReady()
  const chromium = await ensureChromium()
  const failedChecks = filters.length > 0 ? [] : await runChecks()

  const runs = [await runTests(process.execPath, filters, chromium)]
  const node = await findNode()
  if (
    node !== process.execPath &&
    (filters.length === 0 || filters.some((text) => kernelTests.includes(text)))
  ) {
    console.log('The same kernels on Node 24:')
    runs.push(await runTests(node, [kernelTests], chromium))
  }
  const { passed, failed, skipped, conformance } = countTests(
    runs.flatMap(({ report }) => report?.testResults ?? []),
  )
  const incomplete = runs.some(({ code, report }) => code !== 0 || report === null)
  for (const line of conformance) console.log(line)
  for (const test of skipped) console.log(`skipped: ${test.file} > ${test.fullName}`)
  for (const name of failedChecks) console.log(`failed: ${name}`)
  console.log(`${passed} passed, ${failed + failedChecks.length} failed, ${skipped.length} skipped`)
  process.exitCode = incomplete || failed > 0 || failedChecks.length > 0 ? 1 : 0
})
