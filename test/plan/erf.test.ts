import { expect, test } from 'vitest'
import { erfExact, erfRational } from '../../src-main/engine/ops/activation/erf'

// erf to 15 digits, from Python's math.erf (C99 libm).
const known: [number, number][] = [
  [0, 0],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [-1.5, -0.9661051464753108],
  [2, 0.9953222650189527],
  [3, 0.9999779095030014],
  [5, 0.9999999999984626],
]

test('the exact erf agrees with libm', () => {
  for (const [x, value] of known) expect(Math.abs(erfExact(x) - value)).toBeLessThan(1e-14)
  expect(erfExact(-9)).toBe(-1)
})

test('the float32 erf stays within 5e-7 of the exact one', () => {
  let worst = 0
  for (let x = -6; x <= 6; x += 1 / 1024) worst = Math.max(worst, Math.abs(erfRational(x) - erfExact(x)))
  expect(worst).toBeLessThan(5e-7)
})
