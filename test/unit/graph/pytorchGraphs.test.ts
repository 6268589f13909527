/**
 * Random graphs, rich in merges, dilation, groups and strided same padding: sizes, parameters and receptive fields as PyTorch
 * has them (fixtures and how they come about: test/fixtures/pytorch/makeGraphs.py). `INTERLOCK_GRAPHS=10000` makes and compares
 * that many more where a Python with torch is installed.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { blockDefinition } from '#shared/blocks/index'
import { inferShapes } from '#shared/graph/inferShapes'
import type { BlockParams, Graph } from '#shared/graph/types'

type Pair = readonly [number, number]

interface Found {
  blocks: [id: string, type: string, params: BlockParams][]
  connections: [from: string, to: string, input?: number][]
  found: Record<
    string,
    [shape: number[], params: number, field: [size: Pair, stride: Pair, start: Pair] | null]
  >
}

const fixtures = new URL('../../fixtures/', import.meta.url)
const script = new URL('pytorch/makeGraphs.py', fixtures).pathname

function read(file: string | URL): Found[] {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Found)
}

function graphOf({ blocks, connections }: Found): Graph {
  return {
    blocks: blocks.map(([id, type, params]) => ({ id, type, params })),
    connections: connections.map(([from, to, input]) => ({
      from,
      to,
      ...(input === undefined ? {} : { input }),
    })),
    groups: [],
    notes: [],
  }
}

/** What differs from PyTorch, one line a block. */
function differences(fixture: Found): string[] {
  const report = inferShapes(graphOf(fixture))
  const [, , image] = fixture.blocks[0]!
  return report.blocks.flatMap(({ id, type, output, params, receptiveField: field }) => {
    const expected = fixture.found[id]
    if (expected === undefined) return []
    const [shape, count, seen] = expected
    const whole = { size: [image['height'], image['width']], stride: null, start: [0, 0] }
    const flat = { size: field?.size, stride: field?.stride, start: field?.start }
    const expectedField = seen
      ? { size: seen[0], stride: seen[1], start: seen[2] }
      : // A flattened map has the field of the map; all else without one sees the whole image.
        type === 'flatten'
        ? flat
        : whole
    const ours = JSON.stringify([output, params, field])
    const theirs = JSON.stringify([shape, count, expectedField])
    return ours === theirs ? [] : [`${id}: ${ours}, PyTorch ${theirs}\n${JSON.stringify(fixture)}`]
  })
}

describe('the committed graphs', () => {
  const graphs = read(new URL('graphs.jsonl.gz', fixtures))

  test('are 500, and rich', () => {
    expect(graphs).toHaveLength(500)
    const having = (some: (type: string, params: BlockParams) => boolean) =>
      graphs.filter(({ blocks }) => blocks.some(([, type, params]) => some(type, params))).length
    const above1 = (value: unknown) => [value].flat().some((n) => Number(n) > 1)
    expect(having((type) => type === 'add' || type === 'concat')).toBeGreaterThan(250)
    expect(having((_, { dilation }) => above1(dilation))).toBeGreaterThan(250)
    expect(having((_, { groups }) => above1(groups))).toBeGreaterThan(200)
    expect(having((_, { padding, strides }) => padding === 'same' && above1(strides))).toBeGreaterThan(150)
    const types = new Set(graphs.flatMap(({ blocks }) => blocks.map(([, type]) => type)))
    expect([...types].filter((type) => blockDefinition(type) === undefined)).toEqual([])
    expect(types.size).toBeGreaterThanOrEqual(12)
  })

  test('have the sizes, parameters and receptive fields that PyTorch finds', () => {
    expect(graphs.flatMap(differences)).toEqual([])
  })
})

const more = Number(process.env['INTERLOCK_GRAPHS'] ?? 0)
const python = ['python3', '/usr/bin/python3'].find(
  (file) => more > 0 && spawnSync(file, ['-c', 'import torch']).status === 0,
)

test.skipIf(python === undefined)(
  `${more || 'more'} graphs made anew (INTERLOCK_GRAPHS=10000, where a Python has torch)`,
  { timeout: 3_600_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'interlock-graphs-'))
    try {
      const out = join(folder, 'graphs.jsonl.gz')
      execFileSync(python!, [script, '--count', String(more), '--seed', '2', '--out', out])
      const graphs = read(out)
      expect(graphs).toHaveLength(more)
      expect(graphs.flatMap(differences).slice(0, 5)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
