import { describe, expect, it } from 'vitest'
import { predictionsOf, ratiosOf, scalingOf } from '../../../src-main/bench/compare'
import { measure, type Measured, type Running } from '../../../src-main/bench/measure'
import { median, quantile } from '../../../src-main/bench/statistics'

const ours: Measured = {
  ...{ work: 'lenet-b64', who: 'cpu', against: null, anyThreads: false, threads: 1, wide: true },
  ...{ name: 'CPU', imagesPerSecond: 1000, imagesPerCpuSecond: 900, memory: 1 },
}
const peer = (who: string, imagesPerSecond: number, more: Partial<Measured> = {}): Measured => ({
  ...ours,
  ...{ who, against: 'cpu', wide: false, imagesPerSecond, imagesPerCpuSecond: imagesPerSecond, ...more },
})

describe('median and quantiles', () => {
  it('take the middle, or lie between two values', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(quantile([10, 0], 0.95)).toBeCloseTo(9.5)
    expect(quantile([7], 0.95)).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('leave the values in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('ratios', () => {
  it('are ours over theirs, at equal threads where the peer has a choice', () => {
    const two = { ...ours, threads: 2, imagesPerSecond: 1900 }
    const measured = [
      ...[ours, two, peer('pytorch', 250, { anyThreads: true })],
      ...[peer('pytorch', 400, { anyThreads: true, threads: 2 }), peer('jax-js', 10)],
    ]
    const found = ratiosOf(measured).map(({ threads, peer: who, peerThreads, ratio }) => [
      ...[threads, who, peerThreads, ratio],
    ])
    expect(found).toEqual([
      [1, 'pytorch', 1, 4],
      [1, 'jax-js', 1, 100],
      [2, 'pytorch', 2, 4.75],
      [2, 'jax-js', 1, 190],
    ])
    expect(ratiosOf(measured)[0]).toMatchObject({ executor: 'cpu', wide: true, cpuRatio: 3.6 })
  })

  it('compare a peer with its own kind of executor and work only', () => {
    const gpu = { ...ours, who: 'webgpu', wide: false, imagesPerSecond: 50 }
    const measured = [ours, gpu, peer('tfjs-webgpu', 10, { against: 'webgpu' }), peer('jax-js', 10)]
    expect(ratiosOf(measured).map(({ executor, peer: who }) => [executor, who])).toEqual([
      ['cpu', 'jax-js'],
      ['webgpu', 'tfjs-webgpu'],
    ])
    expect(ratiosOf([ours, peer('jax-js', 10, { work: 'vgg32-b32' })])).toEqual([])
  })
})

it('scaling is two threads over one of the same mode', () => {
  const narrow = { ...ours, wide: false, imagesPerSecond: 300 }
  const measured = [ours, { ...ours, threads: 2, imagesPerSecond: 1800 }, narrow, { ...narrow, threads: 2 }]
  expect(scalingOf(measured).map(({ wide, factor }) => [wide, factor])).toEqual([
    [true, 1.8],
    [false, 1],
  ])
  expect(scalingOf([{ ...ours, threads: 2 }])).toEqual([])
})

it('predictions are times of one image, ours as multiples of the peer', () => {
  const [mine, theirs] = predictionsOf([ours, peer('onnxruntime', 500)])
  expect(mine).toMatchObject({ who: 'cpu', microseconds: 1000, peer: 'onnxruntime', timesPeer: 0.5 })
  expect(theirs).toMatchObject({ who: 'onnxruntime', microseconds: 2000 })
  expect(theirs).not.toHaveProperty('timesPeer')
  expect(predictionsOf([ours])[0]).not.toHaveProperty('timesPeer')
})

describe('rounds', () => {
  /** Takes `each` seconds for one run, without waiting for them. */
  function contestant(each: number, calls: string[], who: string): Running {
    const run = async (count: number) => {
      calls.push(who)
      return { seconds: count * each, cpuSeconds: 2 * count * each, memory: 5 }
    }
    const { against, anyThreads, threads, wide, work } = ours
    const entry = { against, anyThreads, threads, wide, work, who }
    return { entry, contestant: { run, about: { name: who } } as unknown as Running['contestant'] }
  }

  it('alternate, and one that takes seconds gets a single one', async () => {
    const calls: string[] = []
    const lineup = [contestant(0.001, calls, 'quick'), contestant(6, calls, 'slow')]
    const [quick, slow] = await measure(lineup, 64, 3, 0.5)
    expect(calls.slice(-5)).toEqual(['slow', 'quick', 'slow', 'quick', 'quick'])
    expect(quick!.imagesPerSecond).toBeCloseTo(64_000)
    expect(quick!.imagesPerCpuSecond).toBeCloseTo(32_000)
    expect(slow!.imagesPerSecond).toBeCloseTo(64 / 6)
  })
})
