import { describe, expect, it } from 'vitest'
import { GrowingLine } from '../../src-renderer/charts/growingLine'

const steps = (length: number) => Uint32Array.from({ length }, (_, i) => i + 1)

/** All of `values` at once. */
function lineOf(values: ArrayLike<number>, columns = 200, keep = 0): GrowingLine {
  const line = new GrowingLine(columns, keep)
  line.follow(steps(values.length), values)
  return line
}

describe('a growing line', () => {
  it('shows short curves whole', () => {
    expect(lineOf([3, 1, 2]).points()).toEqual([
      [1, 3],
      [2, 1],
      [3, 2],
    ])
    expect(lineOf([]).points()).toEqual([])
  })

  it('keeps the ends, the order and every peak of a long one, in few points', () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 5000))
    values[12_345] = 9
    values[54_321] = -9
    const points = lineOf(values).points()
    expect(points.length).toBeGreaterThan(400)
    expect(points.length).toBeLessThanOrEqual(802)
    const places = points.map(([place]) => place)
    expect(places.toSorted((a, b) => a - b)).toEqual(places)
    expect(new Set(places).size).toBe(places.length)
    expect([places[0], places.at(-1)]).toEqual([1, 100_000])
    expect(points).toContainEqual([12_346, 9])
    expect(points).toContainEqual([54_322, -9])
    for (const [place, value] of points) expect(value).toBe(values[place - 1])
  })

  it('is the same whether it came at once or in pieces of any size', () => {
    const values = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i * i))
    const whole = lineOf(values, 30, 0.9)
    const grown = new GrowingLine(30, 0.9)
    for (let length = 0, piece = 1; length < values.length; piece = (piece * 7) % 101) {
      length = Math.min(values.length, length + piece)
      const soFar = values.subarray(0, length)
      expect(grown.isBeginningOf(soFar)).toBe(true)
      grown.follow(steps(length), soFar)
    }
    expect(grown.points()).toEqual(whole.points())
  })

  it('looks at new values only', () => {
    const values = Float32Array.from({ length: 100_100 }, (_, i) => i % 7)
    const line = lineOf(values.subarray(0, 100_000))
    const read = new Set<number>()
    const watched = new Proxy(values, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) read.add(Number(key))
        return Reflect.get(target, key, target) as unknown
      },
    })
    expect(line.isBeginningOf(watched)).toBe(true)
    line.follow(steps(100_100), watched)
    expect(Math.min(...read)).toBe(99_999)
    expect(read.size).toBe(101)
  })

  it('averages, corrected for the start', () => {
    const points = lineOf([1, 2, 2], 200, 0.5).points()
    expect(points.map(([, value]) => value)).toEqual([
      1,
      (0.25 * 1 + 0.5 * 2) / 0.75,
      expect.closeTo(13 / 7, 12),
    ])
  })

  it('leaves out what is no number', () => {
    expect(lineOf([NaN, 4, NaN, Infinity, 2]).points()).toEqual([
      [2, 4],
      [5, 2],
    ])
  })

  it('is no beginning of a curve that was cut and grew otherwise', () => {
    const line = lineOf([1, 2, 3])
    expect(line.isBeginningOf([1, 2])).toBe(false)
    expect(line.isBeginningOf([1, 2, 4, 5])).toBe(false)
    expect(line.isBeginningOf([1, 2, 3, 5])).toBe(true)
  })
})
