import { describe, expect, it } from 'vitest'
import { applyEdits } from '#shared/graph/applyEdits'
import { inferShapes } from '#shared/graph/inferShapes'
import type { Block, Graph } from '#shared/graph/types'
import { templates } from '#shared/templates/index'
import { blockHeight, blockRect, blockWidth } from '../../src-renderer/canvas/blockSize'
import { brickScale, edgeLength, makeBrick } from '../../src-renderer/canvas/brick'
import { addFragment, fragmentOf, fragmentText, readFragment } from '../../src-renderer/canvas/clipboard'
import { firstSentence } from '../../src-renderer/canvas/firstSentence'
import { obstacleIndex } from '../../src-renderer/canvas/obstacles'
import { layoutGraph, withPositions } from '../../src-renderer/canvas/layoutGraph'
import { nearestFree } from '../../src-renderer/canvas/nearestFree'
import { neighbour, type Direction } from '../../src-renderer/canvas/neighbour'
import { appendBlock, dropBlock, makeRoom } from '../../src-renderer/canvas/placeNewBlock'
import { routeConnection } from '../../src-renderer/canvas/routeConnection'

const empty: Graph = { blocks: [], connections: [], groups: [], notes: [] }
const position = (graph: Graph, id: string) => graph.blocks.find((block) => block.id === id)!.position!

function build(...types: string[]): Graph {
  let graph = empty
  let last: string | null = null
  for (const type of types) {
    const placed = appendBlock(graph, type, last === null ? [] : [last])
    graph = placed.graph
    last = placed.blockId
  }
  return graph
}

function overlapping(blocks: readonly Block[]): string[] {
  return blocks.flatMap((a, i) =>
    blocks
      .slice(i + 1)
      .filter(({ position: [x, y] = [0, 0] }) => {
        const [ax, ay] = a.position ?? [0, 0]
        return Math.abs(ax - x) < blockWidth && Math.abs(ay - y) < blockHeight
      })
      .map((b) => `${a.id} on ${b.id}`),
  )
}

describe('appending blocks', () => {
  it('builds a connected chain, wrapped like text, without overlaps', () => {
    const graph = build('input', 'conv2d', 'maxPool2d', 'conv2d', 'maxPool2d', 'flatten', 'dense', 'output')
    expect(graph.connections.map(({ from, to }) => `${from}-${to}`)).toEqual([
      'input-conv2d_1',
      'conv2d_1-maxPool2d_1',
      'maxPool2d_1-conv2d_2',
      'conv2d_2-maxPool2d_2',
      'maxPool2d_2-flatten_1',
      'flatten_1-dense_1',
      'dense_1-output',
    ])
    expect(overlapping(graph.blocks)).toEqual([])
    expect(position(graph, 'flatten_1')[0]).toBe(position(graph, 'input')[0])
    expect(position(graph, 'flatten_1')[1]).toBeGreaterThan(position(graph, 'input')[1])
    expect(inferShapes(graph).fits).toBe(true)
  })

  it('goes into the connection after the chosen block, and before the output when none is chosen', () => {
    const graph = build('input', 'flatten', 'dense', 'output')
    const chosen = appendBlock(graph, 'conv2d', ['input']).graph
    expect(chosen.connections).toContainEqual({ from: 'input', to: 'conv2d_1' })
    expect(chosen.connections).toContainEqual({ from: 'conv2d_1', to: 'flatten_1' })
    expect(overlapping(chosen.blocks)).toEqual([])
    const last = appendBlock(graph, 'dropout', []).graph
    expect(last.connections).toContainEqual({ from: 'dropout_1', to: 'output' })
  })

  it('begins a branch beside what follows, and a merge takes all that are chosen', () => {
    const graph = build('input', 'conv2d', 'output')
    const branch = appendBlock(graph, { type: 'conv2d', params: { kernelSize: 1 } }, ['input'], true)
    expect(branch.graph.connections.filter(({ from }) => from === 'input')).toHaveLength(2)
    expect(branch.graph.blocks.at(-1)?.params).toEqual({ kernelSize: 1 })
    const merged = appendBlock(branch.graph, 'concat', [branch.blockId, 'conv2d_1'])
    // In their order on the canvas: the branch lies below.
    expect(merged.graph.connections.slice(-2)).toEqual([
      { from: 'conv2d_1', to: 'concat_1', input: 0 },
      { from: branch.blockId, to: 'concat_1', input: 1 },
    ])
    expect(overlapping(merged.graph.blocks)).toEqual([])
  })

  it('is put into a connection that it is dropped on, and stands free elsewhere', () => {
    const graph = build('input', 'flatten', 'output')
    const on = graph.connections[0]!
    const inserted = dropBlock(graph, 'maxPool2d', [100, 0], on).graph
    expect(inserted.connections).toHaveLength(3)
    expect(overlapping(inserted.blocks)).toEqual([])
    const free = dropBlock(graph, 'maxPool2d', [0, 0], null)
    expect(free.graph.connections).toHaveLength(2)
    expect(overlapping(free.graph.blocks)).toEqual([])
  })

  it('numbers the first input of a merge', () => {
    const graph = build('input', 'conv2d', 'add')
    expect(graph.connections.at(-1)).toEqual({ from: 'conv2d_1', to: 'add_1', input: 0 })
  })

  it('moves blocks apart after a repair that put one between them', () => {
    const graph = build('input', 'conv2d', 'dense', 'output')
    const repair = inferShapes(graph).issues.find((issue) => issue.code === 'DENSE_NEEDS_VECTOR')!.repairs[0]!
    const mended = applyEdits(graph, repair.edits)
    expect(overlapping(mended.blocks)).not.toEqual([])
    expect(overlapping(makeRoom(graph, mended).blocks)).toEqual([])
  })
})

describe('automatic layout', () => {
  it.each(templates.map((template) => [template.name, template] as const))(
    'places %s without overlaps, in reading order',
    (_, template) => {
      const { graph } = template.build({ input: [32, 32, 3], classes: 7 })
      const placed = withPositions(graph, layoutGraph(graph, 1.6))
      expect(overlapping(placed.blocks)).toEqual([])
      for (const { from, to } of placed.connections) {
        const [fromX, fromY] = position(placed, from)
        const [toX, toY] = position(placed, to)
        expect(toX > fromX || toY > fromY).toBe(true)
      }
    },
  )

  it('uses more rows in a tall place than in a wide one', () => {
    const { graph } = templates[0]!.build({ input: [28, 28, 1], classes: 10 })
    const rows = (aspect: number) => new Set([...layoutGraph(graph, aspect).values()].map(([, y]) => y)).size
    expect(rows(0.6)).toBeGreaterThan(rows(1.6))
    expect(rows(20)).toBe(1)
  })
})

describe('routes of connections', () => {
  const obstacles = (...blocks: Block[]) =>
    obstacleIndex(new Map(blocks.map((block, i) => [String(i), blockRect(block.position ?? [0, 0])])))
  const between: Block = { id: 'b', type: 'conv2d', params: {}, position: [300, -40] }

  it('leads around blocks between its ends', () => {
    const route = routeConnection([164, 0], [600, 0], obstacles(between))
    const lane = route.label[1]
    expect(lane < -40 || lane > -40 + blockHeight).toBe(true)
    expect(routeConnection([164, 0], [600, 0], obstacles()).label[1]).toBe(0)
  })

  it('leads backward connections between the rows', () => {
    const above = { ...between, position: [0, 0] as const }
    const below = { ...between, position: [0, 220] as const }
    const [, lane] = routeConnection([700, 74], [-40, 294], obstacles(above, below)).label
    expect(lane).toBeGreaterThan(blockHeight)
    expect(lane).toBeLessThan(220)
  })
})

describe('a free place', () => {
  const rect = { width: 100, height: 40 }
  const grid = obstacleIndex(
    new Map(
      [0, 1, 2, 3].flatMap((i) => [0, 1].map((j) => [`${i} ${j}`, blockRect([i * 244, j * 214])] as const)),
    ),
  )
  const placed = (near: readonly [number, number], more: object = {}) => {
    const [x, y] = nearestFree(grid, { ...rect, near, gap: 6, ...more })
    return { x, y, ...rect }
  }

  it('is the wanted one where that is free', () => {
    expect(placed([-400, 80])).toMatchObject({ x: -450, y: 60 })
  })

  it('is the nearest beside what is there, with a gap', () => {
    const found = placed([244 + 82, 74])
    expect(found.y).toBe(148 + 6)
    expect(grid.within(found)).toEqual([])
    const beside = placed([204, 74], { also: [{ x: 170, y: 40, width: 60, height: 60 }] })
    expect(grid.within(beside)).toEqual([])
  })

  it('has its border near, which for something wide may be beside instead of above', () => {
    const block = obstacleIndex(new Map([['one', { x: -300, y: -60, width: 320, height: 120 }]]))
    expect(nearestFree(block, { width: 400, height: 40, near: [0, 0], gap: 6 })).toEqual([26, -20])
  })

  it('is in sight where there is one', () => {
    const seen = { x: 200, y: 214, width: 400, height: 600 }
    expect(placed([326, 74]).y).toBe(154)
    const found = placed([326, 74], { seen })
    expect(found.y).toBeGreaterThanOrEqual(214)
    expect(grid.within(found)).toEqual([])
  })
})

describe('bricks', () => {
  it('keep every size readable and in order', () => {
    expect(edgeLength(1)).toBeGreaterThan(4)
    for (const n of [1, 2, 3, 28, 64, 512, 1000]) expect(edgeLength(n)).toBeLessThan(edgeLength(n * 2))
    for (const shape of [[1, 1, 1000], [512, 512, 3], [28, 28, 1], [10]]) {
      const brick = makeBrick(shape)
      expect(brick.width).toBeLessThanOrEqual(140)
      expect(brick.height).toBeLessThanOrEqual(73)
    }
  })

  it('are scaled together so that the largest fills the place', () => {
    const scale = brickScale([[28, 28, 1], [400]])
    expect(scale).toBeGreaterThan(1)
    expect(brickScale([[512, 512, 3]])).toBeLessThanOrEqual(1.01)
  })

  it('stripe what is never read', () => {
    expect(makeBrick([5, 5, 3]).unreadRows).toBeNull()
    const striped = makeBrick([5, 5, 3], [1, 1])
    expect(striped.unreadRows).not.toBeNull()
    expect(striped.unreadColumns).not.toBeNull()
  })
})

describe('copied blocks', () => {
  it('come back as an independent copy under new names, with the connections among them', () => {
    const graph = build('input', 'conv2d', 'maxPool2d', 'flatten')
    const text = fragmentText(fragmentOf(graph, ['conv2d_1', 'maxPool2d_1']))
    const fragment = readFragment(text)!
    const { graph: grown, ids } = addFragment(graph, fragment)
    expect(ids).toEqual(['conv2d_2', 'maxPool2d_2'])
    expect(grown.connections).toHaveLength(4)
    expect(grown.connections).toContainEqual({ from: 'conv2d_2', to: 'maxPool2d_2' })
    const again = addFragment(grown, fragment)
    expect(new Set(again.graph.blocks.map((block) => String(block.position))).size).toBe(
      again.graph.blocks.length,
    )
  })

  it('are not taken from other text', () => {
    expect(readFragment('hello')).toBeNull()
    expect(readFragment('{"format":"interlock-blocks","version":1,"blocks":[{"id":1}]}')).toBeNull()
    expect(readFragment('{"blocks":[]}')).toBeNull()
  })
})

describe('arrow keys', () => {
  it('walk along connections, and to the row above and below', () => {
    const graph = build('input', 'conv2d', 'maxPool2d', 'conv2d', 'maxPool2d', 'flatten')
    const places = new Map(graph.blocks.map((block) => [block.id, block.position!]))
    const lead = (id: string, way: Direction) => neighbour(graph.connections, places, id, way)
    expect(lead('input', 'next')).toBe('conv2d_1')
    expect(lead('conv2d_1', 'previous')).toBe('input')
    expect(lead('input', 'previous')).toBeNull()
    expect(lead('input', 'below')).toBe('flatten_1')
    expect(lead('flatten_1', 'above')).toBe('input')
  })
})

it('the first sentence of an issue ends at its full stop, not at a number', () => {
  expect(firstSentence('Dense needs a vector, but 2.5 arrives. Insert a flatten block.')).toBe(
    'Dense needs a vector, but 2.5 arrives.',
  )
  expect(firstSentence('No stop')).toBe('No stop')
})
