import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sizeFormula, slideWindow, windowFormulas, type WindowSettings } from '#shared/blocks/slidingWindow'
import { inferShapes } from '#shared/graph/inferShapes'
import type { BlockParams } from '#shared/graph/types'
import { chain, input } from '../graph/network'
import { seededRandom } from './random'

function settings(changes: Partial<WindowSettings>): WindowSettings {
  return { kernel: [3, 3], strides: [1, 1], dilation: [1, 1], padding: 'valid', ...changes }
}

describe('the size rule, worked by hand', () => {
  test('the lecture: 4×4 image and 3×3 filter make 2×2', () => {
    const window = slideWindow([4, 4], settings({}))
    expect(window.output).toEqual([2, 2])
    expect(sizeFormula(window, 0)).toBe('(4 + 0+0 − 3) / 1 + 1 = 2')
  })

  test('the lecture: 3×3 on 5×5 makes 3×3 at stride 1 and 2×2 at stride 2', () => {
    expect(slideWindow([5, 5], settings({})).output).toEqual([3, 3])
    expect(slideWindow([5, 5], settings({ strides: [2, 2] })).output).toEqual([2, 2])
  })

  test('LeNet: 5×5 with same padding keeps 28×28 with 2 zeros on each side', () => {
    const window = slideWindow([28, 28], settings({ kernel: [5, 5], padding: 'same' }))
    expect(window).toMatchObject({ output: [28, 28], padding: [2, 2, 2, 2], neverRead: [0, 0] })
    expect(sizeFormula(window, 0)).toBe('(28 + 2+2 − 5) / 1 + 1 = 28')
  })

  test('same padding puts the smaller half first (TensorFlow)', () => {
    // ⌈6 / 2⌉ = 3 windows of 3 need (3 − 1) · 2 + 3 = 7 cells: one zero, behind.
    const window = slideWindow([6, 6], settings({ strides: [2, 2], padding: 'same' }))
    expect(window).toMatchObject({ output: [3, 3], padding: [0, 1, 0, 1] })
    // ⌈28 / 1⌉ windows of 2: one zero, behind.
    expect(slideWindow([28, 28], settings({ kernel: [2, 2], padding: 'same' })).padding).toEqual([0, 1, 0, 1])
  })

  test('dilation spreads the window: 3 cells 2 apart cover 2 · (3 − 1) + 1 = 5', () => {
    const window = slideWindow([9, 9], settings({ dilation: [2, 2] }))
    expect(window).toMatchObject({ effectiveKernel: [5, 5], output: [5, 5] })
    expect(windowFormulas(window, 'valid').map(({ label, text }) => `${label}: ${text}`)).toEqual([
      'Window height, dilated: 2 · (3 − 1) + 1 = 5',
      'Height: (9 + 0+0 − 5) / 1 + 1 = 5',
      'Window width, dilated: 2 · (3 − 1) + 1 = 5',
      'Width: (9 + 0+0 − 5) / 1 + 1 = 5',
    ])
  })

  test('directions are independent, padding is top, bottom, left, right', () => {
    const changes = { kernel: [1, 4], strides: [2, 3], padding: [1, 0, 0, 2] } as const
    // ⌊(5 + 1+0 − 1) / 2⌋ + 1 = 3 and ⌊(10 + 0+2 − 4) / 3⌋ + 1 = 3
    const window = slideWindow([5, 10], settings(changes))
    expect(window.output).toEqual([3, 3])
    expect(sizeFormula(window, 0)).toBe('⌊(5 + 1+0 − 1) / 2⌋ + 1 = 3')
    expect(sizeFormula(window, 1)).toBe('⌊(10 + 0+2 − 4) / 3⌋ + 1 = 3')
  })

  test('pixels at the far edge are lost when the division is rounded down', () => {
    expect(slideWindow([7, 8], settings({ kernel: [2, 2], strides: [2, 2] })).neverRead).toEqual([1, 0])
    // Padding behind is lost first: ⌊(8 + 0+1 − 3) / 2⌋ leaves none; ⌊(8 + 0+2 − 3) / 2⌋ leaves only a zero.
    expect(slideWindow([8, 8], settings({ strides: [2, 2], padding: [0, 1, 0, 2] })).neverRead).toEqual([
      0, 0,
    ])
    // Stride 4, window 1: pixels 0, 4 and 8 of 10 are read. Pixel 9 lies in a gap like all others between windows.
    expect(slideWindow([10, 9], settings({ kernel: [1, 1], strides: [4, 4] })).neverRead).toEqual([0, 0])
    // Stride 3, window 2: 0-1, 3-4, 6-7 of 10. The gap is 1 long, 2 are left: 8 and 9 are lost.
    expect(slideWindow([10, 10], settings({ kernel: [2, 2], strides: [3, 3] })).neverRead).toEqual([2, 2])
  })
})

interface TorchCase {
  type: string
  params: BlockParams
  input: [number, number, number]
  output: number[] | null
  parameters: number
}
const torchCases = JSON.parse(
  readFileSync(new URL('../../fixtures/shapes.json', import.meta.url), 'utf8'),
) as TorchCase[]

test('sizes and parameter counts are those of PyTorch for random convolutions and pools', () => {
  expect(torchCases.length).toBeGreaterThanOrEqual(60)
  for (const { type, params, input: shape, output, parameters } of torchCases) {
    const graph = chain(input(...shape), [type, params])
    const { blocks, issues } = inferShapes(graph)
    const fit = blocks.find((block) => block.type === type)
    expect(fit?.output, JSON.stringify({ type, params, shape })).toEqual(output)
    if (output !== null) expect(fit?.params).toBe(parameters)
    else expect(issues.map(({ code }) => code)).toContain('KERNEL_EXCEEDS_INPUT')
  }
})

test('output and pixels never read are what walking the window shows', () => {
  const random = seededRandom(3)
  for (let round = 0; round < 2000; round += 1) {
    const n = random.integer(1, 20)
    const kernel = random.integer(1, 6)
    const stride = random.integer(1, 5)
    const dilation = random.integer(1, 3)
    const before = random.integer(0, 3)
    const after = random.integer(0, 3)
    const length = dilation * (kernel - 1) + 1
    // Walk: window starts at −before, stops when it leaves the padded map.
    let count = 0
    let end = 0
    for (let start = -before; start + length <= n + after; start += stride) {
      count += 1
      end = start + length
    }
    const window = slideWindow([n, n], {
      kernel: [kernel, kernel],
      strides: [stride, stride],
      dilation: [dilation, dilation],
      padding: [before, after, before, after],
    })
    const label = JSON.stringify({ n, kernel, stride, dilation, before, after })
    expect(Math.max(window.output[0], 0), label).toBe(count)
    const lost = count === 0 ? 0 : Math.min(Math.max(n - end, 0), n)
    if (stride <= length) expect(window.neverRead[0], label).toBe(lost)
    else expect(window.neverRead[0], label).toBeLessThanOrEqual(lost)
  }
})

test('same padding always gives ⌈n / s⌉ and loses no pixel', () => {
  const random = seededRandom(4)
  for (let round = 0; round < 1000; round += 1) {
    const n = random.integer(1, 40)
    const kernel = random.integer(1, 7)
    const stride = random.integer(1, kernel)
    const dilation = random.integer(1, 3)
    const window = slideWindow([n, n], {
      kernel: [kernel, kernel],
      strides: [stride, stride],
      dilation: [dilation, dilation],
      padding: 'same',
    })
    expect(window.output[0]).toBe(Math.ceil(n / stride))
    expect(window.neverRead).toEqual([0, 0])
    expect(window.padding[1] - window.padding[0]).toBeGreaterThanOrEqual(0)
    expect(window.padding[1] - window.padding[0]).toBeLessThanOrEqual(1)
  }
})
