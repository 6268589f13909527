/** What a collapsed group shows of the blocks it hides. */
import type { BlockFit, FitIssue } from '#shared/graph/fit'
import type { Connection, Group } from '#shared/graph/types'
import type { Severity } from '#shared/issues/fitIssues'
import type { Shape } from '#shared/ops'

export interface GroupView {
  /** Shapes that arrive from outside, and that go out. */
  into: readonly Shape[]
  out: readonly Shape[]
  /** Null where one is unknown. */
  params: number | null
  worst: Severity | null
  issues: number
  message: string
}

type Links = ReadonlyMap<string, readonly Connection[]>
const severities: readonly Severity[] = ['error', 'warning', 'hint']

export function groupView(
  group: Group,
  links: { into: Links; outOf: Links },
  fits: ReadonlyMap<string, BlockFit>,
  issuesByBlock: ReadonlyMap<string, readonly FitIssue[]>,
): GroupView {
  const inside = new Set(group.blocks)
  const outputs = (ids: Iterable<string>): Shape[] =>
    [...new Set(ids)].flatMap((id) => {
      const output = fits.get(id)?.output
      return output ? [output] : []
    })
  const arriving = group.blocks.flatMap((id) => (links.into.get(id) ?? []).map(({ from }) => from))
  const leaving = group.blocks.filter((id) => {
    const readers = links.outOf.get(id) ?? []
    return readers.length === 0 || readers.some(({ to }) => !inside.has(to))
  })
  let params: number | null = 0
  for (const id of group.blocks) {
    const own: number | null = fits.get(id)?.params ?? null
    params = params === null || own === null ? null : params + own
  }
  const issues = group.blocks.flatMap((id) => issuesByBlock.get(id) ?? [])
  const worst = severities.find((severity) => issues.some((issue) => issue.severity === severity)) ?? null
  return {
    into: outputs(arriving.filter((id) => !inside.has(id))),
    out: outputs(leaving),
    params,
    worst,
    issues: issues.length,
    message: issues.find((issue) => issue.severity === worst)?.message ?? '',
  }
}
