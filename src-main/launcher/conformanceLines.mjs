const prefix = 'conformance of '

/**
 * @typedef {{ status: string, title: string, ancestorTitles: readonly string[] }} ReportedTest
 */

/** @param {ReportedTest} test */
export function isConformance({ ancestorTitles }) {
  return ancestorTitles[0]?.startsWith(prefix) ?? false
}

/**
 * What the conformance tests compared, in words, from vitest's report: operations × settings × executors, and who was left out.
 * They stand in groups `conformance of <executor>`, their names begin with the operation (test/conformance/conformance.ts).
 * @param {readonly ReportedTest[]} tests
 * @returns {string[]} Empty where none of them ran or was skipped.
 */
export function conformanceLines(tests) {
  /** @type {Map<string, ReportedTest[]>} */
  const executors = new Map()
  for (const test of tests.filter(isConformance)) {
    const executor = test.ancestorTitles[0]?.slice(prefix.length) ?? ''
    executors.set(executor, [...(executors.get(executor) ?? []), test])
  }
  if (executors.size === 0) return []

  /** @type {(test: ReportedTest) => boolean} */
  const ran = ({ status }) => status === 'passed' || status === 'failed'
  const compared = [...executors].filter(([, of]) => of.some(ran))
  const all = compared.flatMap(([, of]) => of.filter(ran))
  /** @type {(of: readonly ReportedTest[]) => number} */
  const operations = (of) => new Set(of.map(({ title }) => title.split(' ')[0])).size
  /** @type {(of: readonly ReportedTest[]) => number} */
  const settings = (of) => new Set(of.map(({ title }) => title)).size
  const differ = all.filter(({ status }) => status === 'failed').length
  return [
    `conformance: ${operations(all)} operations × ${settings(all)} settings × ${compared.length} executors; ` +
      `of ${all.length} comparisons ${all.length - differ} agree, ${differ} differ`,
    ...compared.map(([executor, of]) => {
      const own = of.filter(ran)
      return `  ${executor}: ${operations(own)} operations, ${settings(own)} settings`
    }),
    ...[...executors].flatMap(([executor, of]) =>
      of.filter((test) => !ran(test)).map(({ title }) => `  skipped: ${executor}: ${title}`),
    ),
  ]
}
