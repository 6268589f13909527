/** How a scene is cut for a classifier of patches. */
import { expect, test } from 'vitest'
import { cellBlocks, cellGrid, expandCells, windowStart } from '../../../src-main/services/sceneCells'

const scenes = [
  [100, 80, 16, 8],
  [101, 83, 16, 5],
  [64, 64, 64, 64],
  [70, 65, 64, 7],
  [33, 500, 3, 10],
  [200, 10, 10, 1],
] as const

test.each(scenes)(
  '%d × %d pixels, windows of %d, cells of %d: all are in, each once',
  (width, height, patch, stride) => {
    const grid = cellGrid(width, height, patch, stride)
    for (const [count, length] of [
      [grid.across, width],
      [grid.down, height],
    ] as const) {
      for (let i = 0; i < count; i++) {
        const start = windowStart(i, length, grid)
        expect(start).toBeGreaterThanOrEqual(0)
        expect(start + patch).toBeLessThanOrEqual(length)
        // The middle of a cell lies in its window, and in the middle of it away from the edges.
        const middle = Math.min(i * stride + Math.floor(stride / 2), length - 1)
        if (stride <= patch) expect(middle >= start && middle < start + patch).toBe(true)
        if (start > 0 && start + patch < length)
          expect(Math.abs(i * stride + stride / 2 - (start + patch / 2))).toBeLessThanOrEqual(1)
      }
    }
    for (const most of [patch * patch, 3 * patch * patch, width * height]) {
      const seen = new Uint8Array(grid.across * grid.down)
      for (const { cells, pixels } of cellBlocks(grid, most)) {
        const area = (pixels.right - pixels.left) * (pixels.bottom - pixels.top)
        expect(area).toBeLessThanOrEqual(Math.max(most, patch * patch))
        for (let y = cells.top; y < cells.bottom; y++) {
          for (let x = cells.left; x < cells.right; x++) {
            seen[y * grid.across + x]!++
            expect(windowStart(x, width, grid)).toBeGreaterThanOrEqual(pixels.left)
            expect(windowStart(x, width, grid) + patch).toBeLessThanOrEqual(pixels.right)
            expect(windowStart(y, height, grid)).toBeGreaterThanOrEqual(pixels.top)
            expect(windowStart(y, height, grid) + patch).toBeLessThanOrEqual(pixels.bottom)
          }
        }
      }
      expect(seen.every((count) => count === 1)).toBe(true)
    }
  },
)

test.each(scenes)('%d × %d pixels: every pixel has the class of its cell', (width, height, patch, stride) => {
  const grid = cellGrid(width, height, patch, stride)
  const cells = Uint8Array.from({ length: grid.across * grid.down }, (_, i) => i % 251)
  const rows = [...expandCells(cells, grid)]
  expect(rows.length).toBe(height)
  rows.forEach((row, y) => {
    expect(row.length).toBe(width)
    const wrong = row.findIndex(
      (value, x) => value !== cells[Math.floor(y / stride) * grid.across + Math.floor(x / stride)],
    )
    expect(wrong).toBe(-1)
  })
})

test('a scene smaller than a window is refused', () => {
  expect(() => cellGrid(10, 100, 16, 8)).toThrow(RangeError)
})
