import { describe, expect, test } from 'vitest'
import { chooseBands, neededBands } from '#shared/data/bandChoice'
import { bandsOf, compileFormula, parseFormula } from '#shared/data/formula'

const evaluate = (text: string, bands: Record<string, number> = {}) => {
  const names = Object.keys(bands)
  return compileFormula(parseFormula(text), (name) => names.indexOf(name))(Object.values(bands), 0)
}

describe('formulas', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['24 / 4 / 3', 2],
    ['-2 * -3', 6],
    ['- (1 - 3)', 2],
    ['+.5 + 1e2 - 1.5E-1', 100.35],
    ['2 − 1 × 3', -1],
    ['6 ÷ 3', 2],
  ])('%s = %d', (text, value) => {
    expect(evaluate(text)).toBeCloseTo(value, 12)
  })

  test('bands by name, quoted where the name needs it', () => {
    expect(evaluate('(B08 - B04) / (B08 + B04)', { B04: 1000, B08: 3000 })).toBe(0.5)
    expect(evaluate('"near infrared" / 2 + B8A', { 'near infrared': 8, B8A: 1 })).toBe(5)
    expect(evaluate('Größe * 2', { Größe: 4 })).toBe(8)
    expect(evaluate('2020_07.red * 2', { '2020_07.red': 3 })).toBe(6)
    expect(bandsOf(parseFormula('(a - b) / (a + b) * 2'))).toEqual(['a', 'b'])
  })

  test('what has no value is not a number, never infinite', () => {
    expect(evaluate('(a - b) / (a + b)', { a: 0, b: 0 })).toBeNaN()
    expect(evaluate('1 / a', { a: 0 })).toBeNaN()
    expect(evaluate('a + 1', { a: NaN })).toBeNaN()
  })

  test.each([
    ['', 'expected a band, a number or (, found the end, at character 1.'],
    ['B04 +', 'expected a band, a number or (, found the end, at character 6.'],
    ['(B04 + B08', 'expected an operator or ), found the end, at character 11.'],
    ['B04 B08', 'expected an operator (+ - * /) or the end, found “B08”, at character 5.'],
    ['B04 ** 2', 'expected a band, a number or (, found “*”, at character 6.'],
    ['B04 ^ 2', '“^” is not known (there are + - * / parentheses, numbers and bands), at character 5.'],
    ['"B04 + 2', 'a quoted name is not closed, at character 1.'],
    ['process.exit(1)', 'expected an operator (+ - * /) or the end, found “(”, at character 13.'],
    [`${'('.repeat(5000)}1`, 'it is nested too deeply, at character 101.'],
    [`${'-'.repeat(5000)}1`, 'it is nested too deeply, at character 101.'],
  ])('%s is refused with its place', (text, problem) => {
    expect(() => parseFormula(text)).toThrow(problem)
  })
})

describe('choice of bands', () => {
  const settings = { bandNames: null, bands: null, indices: [] }
  const found = ['B02', 'B03', 'B04', 'B08']

  test('as they come', () => {
    expect(chooseBands(found, settings)).toBeNull()
    expect(chooseBands(found, { ...settings, bandNames: ['a', 'b', 'c', 'd'] })).toBeNull()
  })

  test('some, in another order, with an index behind them', () => {
    const indices = [{ name: 'NDVI', formula: '(B08 - b04) / (B08 + B04)' }]
    const choice = chooseBands(found, { ...settings, bands: ['b08', 'B02'], indices })!
    expect(choice.wanted.map(({ name }) => name)).toEqual(['B08', 'B02', 'NDVI'])
    expect(neededBands(choice)).toEqual([0, 2, 3])
    expect(chooseBands(found, { ...settings, indices })!.wanted).toHaveLength(5)
  })

  test('what does not fit is named', () => {
    expect(() => chooseBands(found, { ...settings, bands: ['B05'] })).toThrow(
      'no band B05. Their bands: B02, B03, B04, B08',
    )
    const indices = [{ name: 'NDWI', formula: '(B03 - B11) / B03' }]
    expect(() => chooseBands(found, { ...settings, indices })).toThrow('no band B11')
    expect(() => chooseBands(found, { ...settings, bandNames: ['a'] })).toThrow(
      'names for 1 bands, but the images have 4',
    )
  })
})
