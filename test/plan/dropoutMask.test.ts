import { expect, test } from 'vitest'
import {
  dropoutKeeps,
  dropoutKey,
  dropoutThreshold,
  mix32,
} from '../../src-main/engine/ops/dropout/dropoutMask'

test('mix32 is lowbias32', () => {
  // Computed by hand with 64-bit integers from the published constants.
  const mix = (x: bigint): bigint => {
    x ^= x >> 16n
    x = (x * 0x7feb352dn) & 0xffffffffn
    x ^= x >> 15n
    x = (x * 0x846ca68bn) & 0xffffffffn
    return x ^ (x >> 16n)
  }
  for (const x of [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 123456789]) {
    expect(mix32(x)).toBe(Number(mix(BigInt(x))))
  }
})

test('the mask drops the asked-for share, differs by step, stream and seed, and has no copies', () => {
  const count = 100_000
  const mask = (seed: number, stream: number, step: number, rate: number): boolean[] => {
    const key = dropoutKey(seed, stream, step)
    return Array.from({ length: count }, (_, i) => dropoutKeeps(key, dropoutThreshold(rate), i))
  }
  for (const rate of [0, 0.1, 0.5, 0.9]) {
    const kept = mask(1, 0, 0, rate).filter(Boolean).length
    expect(Math.abs(kept / count - (1 - rate))).toBeLessThan(0.006)
  }
  const base = mask(1, 0, 0, 0.5)
  for (const other of [mask(1, 0, 1, 0.5), mask(1, 1, 0, 0.5), mask(2, 0, 0, 0.5), mask(0, 0, 0, 0.5)]) {
    const same = other.filter((kept, i) => kept === base[i]).length
    expect(Math.abs(same / count - 0.5)).toBeLessThan(0.01)
  }
})
