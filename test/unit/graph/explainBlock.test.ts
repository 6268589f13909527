/** Formulas that the inspector writes out: every one must come out at the number it stands beside. */
import { describe, expect, test } from 'vitest'
import { blockDefinitions } from '#shared/blocks/index'
import { explainBlock, type Explanation } from '#shared/graph/explainBlock'
import { inferShapes } from '#shared/graph/inferShapes'
import type { Graph } from '#shared/graph/types'
import { templates } from '#shared/templates/index'
import { chain, graph, input } from './network'

function explain(network: Graph, id: string): Explanation {
  const fits = new Map(inferShapes(network).blocks.map((fit) => [fit.id, fit]))
  const block = network.blocks.find((candidate) => candidate.id === id)!
  const sources = network.connections
    .filter(({ to }) => to === id)
    .sort((a, b) => (a.input ?? 0) - (b.input ?? 0))
  const arriving = sources.map(({ from }) => fits.get(from)?.receptiveField ?? null)
  return explainBlock(block, fits.get(id)!, arriving)
}

/** Takes a sum off the front of `tokens`: terms of factors, with brackets that may be rounded down. */
function sum(tokens: string[]): number {
  const factor = (): number => {
    const token = tokens.shift()
    if (token === 'Math.floor') return Math.floor(factor())
    if (token !== '(') return Number(token)
    const value = sum(tokens)
    tokens.shift()
    return value
  }
  const term = (): number => {
    let value = factor()
    while (tokens[0] === '*' || tokens[0] === '/')
      value = tokens.shift() === '*' ? value * factor() : value / factor()
    return value
  }
  let value = tokens[0] === '-' ? 0 : term()
  while (tokens[0] === '+' || tokens[0] === '-')
    value = tokens.shift() === '+' ? value + term() : value - term()
  return value
}

/** The value of `3·3·(16/4)·32 + 32`. */
function valueOf(formula: string): number {
  const plain = formula.replaceAll('·', '*').replaceAll('−', '-').replaceAll('⌊', 'Math.floor(').replaceAll('⌋', ')') // prettier-ignore
  expect(plain.replaceAll('Math.floor', '')).toMatch(/^[\d\s+*/().-]+$/)
  return sum(plain.match(/\d+|Math\.floor|[+*/()-]/g) ?? [])
}

const lines = (formulas: Explanation['size']) => formulas.map(({ label, text }) => `${label}: ${text}`)

describe('formulas', () => {
  test('every block with multiply-adds or weights can write them out', () => {
    for (const { macs, macsFormula, weights, weightsFormula } of blockDefinitions) {
      expect(macsFormula !== undefined).toBe(macs !== undefined)
      expect(weightsFormula !== undefined).toBe(weights !== undefined)
    }
  })

  test('come out at the number, in every block of every template', () => {
    let checked = 0
    for (const template of templates) {
      const { graph: network } = template.build({ input: [33, 30, 3], classes: 5 })
      for (const fit of inferShapes(network).blocks) {
        const { size, params, macs, field } = explain(network, fit.id)
        expect(size.length, fit.id).toBeGreaterThan(0)
        if (params !== null) expect(valueOf(params), fit.id).toBe(fit.params)
        else expect(fit.params).toBe(0)
        if (macs !== null) expect(valueOf(macs), fit.id).toBe(fit.macs)
        else expect(fit.macs).toBe(0)
        expect(field.length, fit.id).toBeGreaterThan(0)
        for (const { text } of [...size, ...field]) {
          const [, left, right] = /^([\d\s+·−/()⌊⌋]+) = ([\d−]+)$/.exec(text) ?? []
          if (left === undefined || right === undefined) continue
          expect(valueOf(left), `${fit.id}: ${text}`).toBe(valueOf(right))
          checked += 1
        }
      }
    }
    expect(checked).toBeGreaterThan(150)
  })

  test('name dilation, groups, same padding with a stride, and both directions where they differ', () => {
    const conv = {
      filters: 8,
      kernelSize: [3, 5],
      strides: [2, 1],
      dilation: [2, 1],
      groups: 2,
      padding: 'same',
    }
    const network = chain(input(28, 28, 4), ['a:conv2d', { filters: 4 }], ['b:conv2d', conv])
    const { size, params, macs, field } = explain(network, 'b')
    expect(lines(size)).toEqual([
      'Window height, dilated: 2 · (3 − 1) + 1 = 5',
      'Padding height: (13 − 1) · 2 + 5 − 26 = 3 → 1+2',
      'Height: (26 + 1+2 − 5) / 2 + 1 = 13',
      'Padding width: (26 − 1) · 1 + 5 − 26 = 4 → 2+2',
      'Width: (26 + 2+2 − 5) / 1 + 1 = 26',
      'Channels: one per filter = 8',
    ])
    expect(params).toBe('3·5·(4/2)·8 + 8')
    expect(macs).toBe('13·26 · 3·5·(4/2)·8')
    expect(lines(field)).toEqual([
      'Field: 3 + (5 − 1) · 1 = 7',
      'Step, rows: 1 · 2 = 2',
      'Step, columns: 1 · 1 = 1',
    ])
  })

  test('a pool with padding, a merge, blocks that change numbers only, and the end', () => {
    const pool = { poolSize: 3, strides: 2, padding: [1, 0, 1, 0] }
    const network = graph(
      [input(8), ['p:maxPool2d', pool], ['q:avgPool2d', { poolSize: 2 }], 'add', 'activation', 'globalAvgPool2d'],
      [
        ['input', 'p'],
        ['input', 'q'],
        ['p', 'add', 0],
        ['q', 'add', 1],
        ['add', 'activation'],
        ['activation', 'globalAvgPool2d'],
      ],
    ) // prettier-ignore
    expect(lines(explain(network, 'p').size)).toEqual([
      'Height: (8 + 1+0 − 3) / 2 + 1 = 4',
      'Width: (8 + 1+0 − 3) / 2 + 1 = 4',
    ])
    expect(lines(explain(network, 'add').size)).toEqual(['Size: 4×4×1 + 4×4×1, number by number = 4×4×1'])
    expect(lines(explain(network, 'add').field)).toEqual(['Field: 3×3 and 2×2 together = 3×3'])
    expect(lines(explain(network, 'activation').size)).toEqual(['Size: 4×4×1, as it arrives'])
    expect(lines(explain(network, 'activation').field)).toEqual(['Field: 3×3, as before'])
    expect(lines(explain(network, 'globalAvgPool2d').field)).toEqual(['Field: the whole image, 8×8'])
    expect(explain(network, 'add').params).toBeNull()
  })

  test('a block that does not fit shows the arithmetic and no more', () => {
    const { size, params, macs, field } = explain(chain(input(4), ['conv2d', { kernelSize: 7 }]), 'conv2d')
    expect(lines(size)).toEqual(['Height: (4 + 0+0 − 7) / 1 + 1 = −2', 'Width: (4 + 0+0 − 7) / 1 + 1 = −2'])
    expect([params, macs, field]).toEqual([null, null, []])
  })
})
