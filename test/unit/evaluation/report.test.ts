/** What is written about an evaluation: read back, hostile names included. */
import { Window } from 'happy-dom'
import { describe, expect, test } from 'vitest'
import { heatColour, luminance } from '#shared/evaluation/heatColour'
import { classCurves, precisionRecallPoints, rocPoints } from '#shared/evaluation/curves'
import type { LabelledPredictions } from '#shared/evaluation/predictions'
import {
  classesCsv,
  confusionCsv,
  csvLine,
  measuresCsv,
  predictionLines,
} from '#shared/evaluation/report/csv'
import { reportHtml, weakestClasses } from '#shared/evaluation/report/report'
import { summarise, type EvaluationFacts } from '#shared/evaluation/summary'

const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
const facts: EvaluationFacts = {
  modelName: `Net ${hostile}`,
  epoch: 3,
  part: 'validation',
  source: `/data/${hostile}`,
  evaluatedAt: '2026-11-25T12:34:56.000Z',
  seconds: 1.5,
  loss: 0.4321,
  skipped: [{ file: `cut ${hostile}.png`, reason: 'it is truncated' }],
  skippedCount: 3,
}
const predictions: LabelledPredictions = {
  classes: ['=cmd|calc', hostile, 'c'],
  labels: Int32Array.from([0, 0, 1, 1, 2]),
  probabilities: Float32Array.from(
    [
      [0.75, 0.125, 0.125],
      [0.25, 0.625, 0.125],
      [0.125, 0.75, 0.125],
      [0, 0, 1],
      [0.25, 0.25, 0.5],
    ].flat(),
  ),
}
const files = ['=cmd|calc/a.png', '=cmd|calc/+b.png', '-c.png', `${hostile}.png`, '@e, "f".png']

async function report(): Promise<string> {
  const summary = await summarise(predictions, facts)
  const curves = new Map(
    weakestClasses(summary.perClass).map((index) => {
      const found = classCurves(predictions, index)
      return [index, { roc: rocPoints(found), precisionRecall: precisionRecallPoints(found) }]
    }),
  )
  return reportHtml({
    summary,
    model: [['Optimiser', `adam ${hostile}`]],
    blocks: [{ name: hostile, type: 'conv2d', output: '28×28×6' }],
    curves,
    mistakes: [
      { file: files[3]!, truth: hostile, predicted: 'c', confidence: 1, png: 'iVBORw0KGgo=' },
      { file: files[1]!, truth: '=cmd|calc', predicted: hostile, confidence: 0.625, png: null },
    ],
  })
}

describe('the report', () => {
  test('says what was measured', async () => {
    const window = new Window()
    window.document.write(await report())
    const { document } = window
    const text = (selector: string) => document.querySelector(selector)?.textContent?.trim()
    expect(text('h1')).toBe(`Net ${hostile}`)
    expect(document.body.textContent).toContain('Epoch 3 on the validation part')
    const headline = [...document.querySelectorAll('.headline dd:nth-child(2)')].map((one) => one.textContent)
    // Three of five right; chance would reach 2/5·1/5 + 2/5·2/5 + 1/5·2/5 = 8/25: (15 − 8) / (25 − 8).
    expect(headline).toEqual([
      '60.0 %',
      (7 / 17).toFixed(3),
      expect.any(String),
      '0.4321',
      expect.any(String),
      '5',
    ])
    const matrix = [...document.querySelectorAll('.matrix tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent),
    )
    expect(matrix).toEqual([
      ['1', '1', ''],
      ['', '1', '1'],
      ['', '', '1'],
    ])
    const [first] = document.querySelectorAll('.classes tbody tr')
    expect([...first!.children].map((cell) => cell.textContent)).toEqual([
      '=cmd|calc',
      '2',
      '1.000',
      '0.500',
      '0.667',
      // Its images have 0.75 and 0.25, the others 0.125, 0 and 0.25: five of six pairs won, one tied.
      (5.5 / 6).toFixed(3),
      (1 / 2 + 1 / 3).toFixed(3),
    ])
    expect(document.querySelectorAll('svg polyline')).toHaveLength(6)
    expect(document.querySelectorAll('.images figure')).toHaveLength(2)
    expect(document.querySelector('.images img')?.getAttribute('src')).toBe(
      'data:image/png;base64,iVBORw0KGgo=',
    )
    expect(text('details summary')).toBe('3 files could not be read')
    expect(document.body.textContent).toContain('and 2 more')
    await window.happyDOM.close()
  })

  test('runs nothing, asks for nothing, and names are only text', async () => {
    const page = await report()
    expect(page).not.toMatch(
      /<script|<link|<iframe|<object|\bsrc="(?!data:image\/png)|url\(|@import|https?:/i,
    )
    expect(page).not.toContain(hostile)
    const window = new Window()
    window.document.write(page)
    for (const element of window.document.querySelectorAll('*')) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^(on|style$|href$)/)
    }
    expect(window.document.querySelectorAll('img')).toHaveLength(1)
    await window.happyDOM.close()
  })

  test('a hundred classes: the numbers give way to colour, the curves to the weakest twelve', async () => {
    const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`)
    const labels = Int32Array.from({ length: 300 }, (_, i) => i % 100)
    const probabilities = new Float32Array(300 * 100).fill(0.5 / 99)
    labels.forEach((label, i) => (probabilities[i * 100 + ((label + (i % 7 === 0 ? 1 : 0)) % 100)] = 0.5))
    const summary = await summarise({ classes, labels, probabilities }, facts)
    expect(weakestClasses(summary.perClass)).toHaveLength(12)
    const window = new Window()
    window.document.write(reportHtml({ summary, model: [], blocks: [], curves: new Map(), mistakes: [] }))
    const cells = [...window.document.querySelectorAll('.matrix tbody td')]
    expect(cells).toHaveLength(10_000)
    expect(cells.every((cell) => cell.textContent === '')).toBe(true)
    expect(cells[0]?.getAttribute('title')).toMatch(/^class 0 → class 0: \d/)
    await window.happyDOM.close()
  })
})

describe('tables', () => {
  /** A small reader of RFC 4180. */
  function read(text: string): string[][] {
    return text
      .split('\r\n')
      .slice(0, -1)
      .map((line) =>
        [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(([, quoted, plain]) =>
          quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
        ),
      )
  }

  test('are read back as they were', async () => {
    const summary = await summarise(predictions, facts)
    expect(read(confusionCsv(summary))).toEqual([
      ['true class', "'=cmd|calc", hostile, 'c'],
      ["'=cmd|calc", '1', '1', '0'],
      [hostile, '0', '1', '1'],
      ['c', '0', '0', '1'],
    ])
    expect(read(classesCsv(summary))[1]).toEqual([
      "'=cmd|calc",
      '2',
      '1',
      '0.5',
      '0.666667',
      '0.916667',
      '0.833333',
    ])
    expect(read(measuresCsv(summary)).slice(0, 4)).toEqual([
      ['measure', 'value'],
      ['images', '5'],
      ['accuracy', '0.6'],
      ['kappa', '0.411765'],
    ])
    const lines = read([...predictionLines(files, predictions)].join(''))
    expect(lines).toHaveLength(6)
    expect(lines[2]).toEqual([
      "'=cmd|calc/+b.png",
      "'=cmd|calc",
      hostile,
      'no',
      '0.625',
      '0.25',
      '0.625',
      '0.125',
    ])
    expect(lines[3]?.[0]).toBe("'-c.png")
    expect(lines[5]?.[0]).toBe('\'@e, "f".png')
  })

  test.each([
    ['=1+1', "'=1+1\r\n"],
    ['+1', "'+1\r\n"],
    ['-1', "'-1\r\n"],
    ['@SUM(A1)', "'@SUM(A1)\r\n"],
    ['\t=1', "'\t=1\r\n"],
    ['a"b', '"a""b"\r\n'],
    ['a\nb', '"a\nb"\r\n'],
    [' a', '" a"\r\n'],
    ['a;b', '"a;b"\r\n'],
    ['plain', 'plain\r\n'],
  ])('a text %j', (given, written) => {
    expect(csvLine([given])).toBe(written)
  })

  test('a number below 0 is a number; what is none is empty', () => {
    expect(csvLine([-0.5, NaN, null, 3])).toBe('-0.5,,,3\r\n')
  })
})

test('black or white text reaches 4.5:1 on every colour of the matrix', () => {
  for (const theme of ['light', 'dark'] as const)
    for (const kind of ['right', 'wrong'] as const)
      for (let share = 0; share <= 1; share += 0.01) {
        const { background, text } = heatColour(kind, share, theme)
        const rgb = [1, 3, 5].map((at) => parseInt(background.slice(at, at + 2), 16))
        const [a, b] = [luminance(rgb), text === '#000000' ? 0 : 1]
        expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThanOrEqual(4.5)
      }
})
