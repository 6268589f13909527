/** The fit report of the project on screen, worked out anew at every edit, with what the chosen data asks. */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { inferShapes } from '#shared/graph/inferShapes'
import { rememberBlocks } from '#shared/graph/rememberBlocks'
import type { Connection } from '#shared/graph/types'
import type { BlockFit, FitIssue } from '#shared/graph/fit'
import type { Severity } from '#shared/issues/fitIssues'
import { brickScale } from '../canvas/brick'
import { useDataStore } from './dataStore'
import { useProjectStore } from './projectStore'

const severityOrder: readonly Severity[] = ['error', 'warning', 'hint']

export function connectionKey({ from, to, input }: Connection): string {
  return `${from}→${to}#${input ?? 0}`
}

export const useFitStore = defineStore('fit', () => {
  const projects = useProjectStore()
  const data = useDataStore()

  const evaluate = rememberBlocks()
  const report = computed(() => inferShapes(projects.graph, data.requirements ?? {}, evaluate))
  const blocks = computed(() => new Map<string, BlockFit>(report.value.blocks.map((fit) => [fit.id, fit])))
  const issues = computed(() =>
    report.value.issues.toSorted(
      (a, b) => severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity),
    ),
  )
  const issuesByBlock = computed(() => {
    const found = new Map<string, FitIssue[]>()
    for (const issue of issues.value) {
      const key = issue.blockId ?? ''
      const others = found.get(key)
      if (others) others.push(issue)
      else found.set(key, [issue])
    }
    return found
  })
  const issueByConnection = computed(() => {
    const found = new Map<string, FitIssue>()
    for (const issue of issues.value) {
      if (issue.severity !== 'error' || !issue.connection) continue
      const key = connectionKey(issue.connection)
      if (!found.has(key)) found.set(key, issue)
    }
    return found
  })
  const firstMisfit = computed(
    () => issues.value.find((issue) => issue.severity === 'error' && issue.connection) ?? null,
  )
  const counts = computed(() => {
    const result: Record<Severity, number> = { error: 0, warning: 0, hint: 0 }
    for (const issue of issues.value) result[issue.severity]++
    return result
  })

  const bricks = computed(() =>
    brickScale(report.value.blocks.flatMap((fit) => (fit.output ? [fit.output] : []))),
  )

  return { report, blocks, issues, issuesByBlock, issueByConnection, firstMisfit, counts, brickScale: bricks }
})
