/** The fit report of the project on screen, worked out anew at every edit, with what the chosen data asks. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { applyEdits } from '#shared/graph/applyEdits'
import { inferShapes } from '#shared/graph/inferShapes'
import { rememberBlocks } from '#shared/graph/rememberBlocks'
import type { Connection, GraphEdit } from '#shared/graph/types'
import type { BlockFit, FitIssue, Repair } from '#shared/graph/fit'
import type { Severity } from '#shared/issues/fitIssues'
import { sameShape } from '#shared/layout/shapeText'
import type { Shape } from '#shared/ops'
import { brickScale } from '../canvas/brick'
import { useDataStore } from './dataStore'
import { useProjectStore } from './projectStore'

const severityOrder: readonly Severity[] = ['error', 'warning', 'hint']

export function connectionKey({ from, to, input }: Connection): string {
  return `${from}→${to}#${input ?? 0}`
}

/** What a repair would lead to, block by block, while somebody looks at it. */
export interface Preview {
  /** Outputs that would change; null where one is not known. */
  changes: ReadonlyMap<string, { before: Shape | null; after: Shape | null }>
  removed: ReadonlySet<string>
  /** Blocks that would be put into a connection, by its key. */
  inserted: ReadonlyMap<string, readonly { type: string; output: Shape | null }[]>
  /** Blocks that would be added before or after one that is there. */
  added: readonly { type: string; output: Shape | null; beside: string; before: boolean }[]
}

/** Blocks put into each connection that is there now; a chain goes into one connection after the other. */
function insertions(edits: readonly GraphEdit[]): Map<string, { id: string; type: string }[]> {
  const found = new Map<string, { id: string; type: string }[]>()
  const place = new Map<string, string>()
  for (const edit of edits) {
    if (edit.kind !== 'insertBlock') continue
    const key = place.get(edit.on.from) ?? connectionKey(edit.on)
    place.set(edit.block.id, key)
    found.set(key, [...(found.get(key) ?? []), edit.block])
  }
  return found
}

/** Added blocks by the block that they would be joined to; the one they lead to comes first. */
function additions(edits: readonly GraphEdit[], known: { has(id: string): boolean }) {
  const connects = edits.flatMap((edit) => (edit.kind === 'connect' ? [edit.connection] : []))
  return edits.flatMap((edit) => {
    if (edit.kind !== 'addBlock') return []
    const { id, type } = edit.block
    const after = connects.find(({ from, to }) => from === id && known.has(to))
    const before = connects.find(({ from, to }) => to === id && known.has(from))
    const beside = after?.to ?? before?.from
    return beside === undefined ? [] : [{ id, type, beside, before: after !== undefined }]
  })
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

  /** The repair somebody looks at just now. */
  const previewed = shallowRef<Repair | null>(null)
  watch(
    () => projects.graph,
    () => (previewed.value = null),
    { flush: 'sync' },
  )
  const preview = computed<Preview | null>(() => {
    const repair = previewed.value
    if (!repair) return null
    const { blocks: after } = inferShapes(applyEdits(projects.graph, repair.edits), data.requirements ?? {})
    const outputs = new Map(after.map(({ id, output }) => [id, output]))
    const changes = new Map<string, { before: Shape | null; after: Shape | null }>()
    const removed = new Set<string>()
    for (const [id, { output: before }] of blocks.value) {
      const now = outputs.get(id)
      if (now === undefined) removed.add(id)
      else if (before !== now && (!before || !now || !sameShape(before, now)))
        changes.set(id, { before, after: now })
    }
    const inserted = [...insertions(repair.edits)].map(
      ([key, added]) =>
        [key, added.map(({ id, type }) => ({ type, output: outputs.get(id) ?? null }))] as const,
    )
    const added = additions(repair.edits, projects.blocks).map(({ id, ...rest }) => ({
      ...rest,
      output: outputs.get(id) ?? null,
    }))
    return { changes, removed, inserted: new Map(inserted), added }
  })

  return {
    report,
    blocks,
    issues,
    issuesByBlock,
    issueByConnection,
    firstMisfit,
    counts,
    brickScale: bricks,
    previewed,
    preview,
  }
})
