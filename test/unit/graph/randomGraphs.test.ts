/** Graphs put together at random, sound ones and broken ones: rules that hold for every graph. */
import { describe, expect, test } from 'vitest'
import { blockDefinitions } from '#shared/blocks/index'
import { applyEdits } from '#shared/graph/applyEdits'
import { canConnect } from '#shared/graph/canConnect'
import { inferShapes } from '#shared/graph/inferShapes'
import { topologicalOrder } from '#shared/graph/topologicalOrder'
import type { Block, BlockParams, Connection, Graph } from '#shared/graph/types'
import { shapeSize } from '#shared/layout/shapeText'
import { seededRandom, type Random } from '../blocks/random'

function randomParams(type: string, random: Random): BlockParams {
  const side = () => random.pick([1, 2, 3, 5])
  switch (type) {
    case 'input':
      return { height: random.integer(1, 20), width: random.integer(1, 20), channels: random.integer(1, 6) }
    case 'conv2d':
      return {
        filters: random.integer(1, 8),
        kernelSize: random.pick<unknown>([1, 3, 5, [side(), side()]]),
        strides: random.pick([1, 1, 2, 3]),
        padding: random.pick<unknown>(['valid', 'same', [0, 1, 2, 0]]),
        dilation: random.pick([1, 1, 2]),
        groups: random.pick([1, 1, 1, 2]),
        activation: random.pick(['none', 'relu', 'softmax']),
      }
    case 'maxPool2d':
    case 'avgPool2d':
      return { poolSize: random.pick([2, 3]), padding: random.pick<unknown>(['valid', 'same', [1, 0, 2, 0]]) }
    case 'dense':
      return { units: random.integer(1, 20), ...(random.next() < 0.1 ? { unitz: 3 } : {}) }
    case 'batchNorm':
      return random.next() < 0.1 ? { momentum: 'high' } : {}
    default:
      return {}
  }
}

/** A random graph; connections mostly run forwards, sometimes anywhere. */
function randomGraph(seed: number): Graph {
  const random = seededRandom(seed)
  const types = blockDefinitions
    .map(({ type }) => type)
    .filter((type) => type !== 'input' && type !== 'output')
  const count = random.integer(1, 10)
  const middle = Array.from({ length: count }, () => (random.next() < 0.02 ? 'lstm' : random.pick(types)))
  const ends = random.next() < 0.1
  const all = [...(ends ? [] : ['input']), ...middle, ...(random.next() < 0.1 ? [] : ['output'])]
  const blocks = all.map((type, i): Block => ({ id: `b${i}`, type, params: randomParams(type, random) }))
  const connections: Connection[] = []
  blocks.forEach(({ id, type }, i) => {
    const many = type === 'add' || type === 'concat'
    const inputs = many ? random.integer(1, 3) : random.next() < 0.05 ? random.integer(0, 2) : 1
    for (let input = 0; input < inputs && i > 0; input += 1) {
      const near = random.next() < 0.7 ? i - 1 : random.integer(0, i - 1)
      const source = random.next() < 0.04 ? random.integer(0, blocks.length - 1) : near
      const number = random.next() < 0.05 ? random.integer(0, 3) : input
      connections.push({ from: `b${source}`, to: id, ...(many ? { input: number } : {}) })
    }
  })
  return { blocks, connections, groups: [], notes: [] }
}

const seeds = Array.from({ length: 400 }, (_, i) => i + 1)
const requirements = { classes: 7, bands: 3, colour: true, batchSize: 1 }

describe('random graphs', () => {
  test('some fit and some do not, so that both are tested', () => {
    const fitting = seeds.filter((seed) => inferShapes(randomGraph(seed)).fits).length
    expect(fitting).toBeGreaterThan(10)
    expect(fitting).toBeLessThan(390)
  })

  test('shapes are positive integers, parameters are the sum of the weights', () => {
    for (const seed of seeds) {
      const report = inferShapes(randomGraph(seed))
      for (const { output, weights, params, trainable } of report.blocks) {
        if (output !== null) expect(output.every((n) => Number.isInteger(n) && n > 0)).toBe(true)
        if (weights === null) expect([params, trainable]).toEqual([null, null])
        else expect(params).toBe(weights.reduce((sum, weight) => sum + shapeSize(weight.shape), 0))
      }
    }
  })

  test('a graph that fits has everything known, and an order in which sources come first', () => {
    for (const seed of seeds) {
      const graph = randomGraph(seed)
      const report = inferShapes(graph)
      if (!report.fits) {
        expect(report.order).toEqual([])
        continue
      }
      for (const id of report.order)
        expect(report.blocks.find((block) => block.id === id)?.output).not.toBeNull()
      expect(report.totals.params).not.toBeNull()
      const place = new Map(report.order.map((id, i) => [id, i]))
      for (const { from, to } of graph.connections) {
        const target = place.get(to)
        if (target !== undefined) expect(place.get(from)).toBeLessThan(target)
      }
    }
  })

  test('every block is in the report once', () => {
    for (const seed of seeds) {
      const graph = randomGraph(seed)
      const ids = inferShapes(graph).blocks.map(({ id }) => id)
      expect([...ids].sort()).toEqual(graph.blocks.map(({ id }) => id).sort())
      expect([...topologicalOrder(graph).order].sort()).toEqual([...ids].sort())
    }
  })

  test(
    'every repair removes its issue and breaks nothing that was known to be right',
    { timeout: 120_000 },
    () => {
      let tried = 0
      for (const seed of seeds) {
        const graph = randomGraph(seed)
        const report = inferShapes(graph, requirements)
        for (const issue of report.issues) {
          const same = (other: { code: string; blockId: string | null }) =>
            other.code === issue.code && other.blockId === issue.blockId
          const label = `seed ${seed}: ${issue.code} at ${issue.blockId}`
          expect(new Set(issue.repairs.map((repair) => JSON.stringify(repair.edits))).size, label).toBe(
            issue.repairs.length,
          )
          for (const repair of issue.repairs) {
            tried += 1
            const mended = inferShapes(applyEdits(graph, repair.edits), requirements)
            const before = report.issues.filter(same).length
            expect(mended.issues.filter(same).length, `${label}: ${repair.label}`).toBeLessThan(before)
            const ids = applyEdits(graph, repair.edits).blocks.map(({ id }) => id)
            expect(new Set(ids).size, label).toBe(ids.length)
          }
        }
      }
      expect(tried).toBeGreaterThan(500)
    },
  )

  test('taking the first repair again and again leads most graphs to fit', { timeout: 120_000 }, () => {
    let mended = 0
    const stuck: string[] = []
    for (const seed of seeds.slice(0, 150)) {
      let graph = randomGraph(seed)
      for (let step = 0; step < 40; step += 1) {
        const report = inferShapes(graph, requirements)
        if (report.fits) break
        const repair = report.issues.find(
          ({ severity, repairs }) => severity === 'error' && repairs.length > 0,
        )?.repairs[0]
        if (repair === undefined) break
        graph = applyEdits(graph, repair.edits)
      }
      if (inferShapes(graph, requirements).fits) mended += 1
      else
        stuck.push(
          `${seed}: ${inferShapes(graph, requirements)
            .issues.map(({ code }) => code)
            .join(' ')}`,
        )
    }
    expect(mended, stuck.join('\n')).toBeGreaterThan(135)
  })

  test('what canConnect promises is what the fit check finds', () => {
    const random = seededRandom(99)
    for (const seed of seeds.slice(0, 200)) {
      const graph = randomGraph(seed)
      const from = random.pick(graph.blocks)
      const to = random.pick(graph.blocks)
      const answer = canConnect(graph, { from: from.id, to: to.id })
      if (answer.impossible) continue
      const taken =
        answer.replaces === null ? [] : [{ kind: 'disconnect', connection: answer.replaces } as const]
      const after = applyEdits(graph, [
        ...taken,
        { kind: 'connect', connection: { from: from.id, to: to.id } },
      ])
      const found = inferShapes(after).issues.filter(
        ({ blockId, severity, connection }) =>
          blockId === to.id && severity === 'error' && connection !== null,
      )
      const sizes = found.filter(({ code }) => code !== 'INVALID_CONNECTION' && code !== 'CYCLE')
      if (answer.fits) expect(sizes, `seed ${seed}: ${from.id} to ${to.id}`).toEqual([])
      else expect(sizes.map(({ message }) => message)).toContain(answer.reason)
    }
  })
})
