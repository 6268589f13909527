/**
 * How a scene is cut for a classifier of patches: into square cells of `stride` pixels, each classified by a window of
 * `patch` pixels around it. Windows at the edges are moved inside, so that a network never sees pixels that are not there.
 */

export interface CellGrid {
  width: number
  height: number
  patch: number
  stride: number
  across: number
  down: number
}

/** Throws RangeError where the scene is smaller than a window. */
export function cellGrid(width: number, height: number, patch: number, stride: number): CellGrid {
  if (width < patch || height < patch) throw new RangeError('a window is larger than the scene')
  const [across, down] = [Math.ceil(width / stride), Math.ceil(height / stride)]
  return { width, height, patch, stride, across, down }
}

/** Where the window of cell `index` starts along a side of `length` pixels. */
export function windowStart(index: number, length: number, { patch, stride }: CellGrid): number {
  const centred = index * stride + Math.floor((stride - patch) / 2)
  return Math.min(Math.max(centred, 0), length - patch)
}

/** A rectangle of cells, and the pixels that their windows cover. Ends are exclusive. */
export interface CellBlock {
  cells: { left: number; top: number; right: number; bottom: number }
  pixels: { left: number; top: number; right: number; bottom: number }
}

/**
 * All cells in rectangles whose pixels take at most `mostPixels` (a single window always may), as wide as the scene where that
 * can be, since files are stored by rows. What overlaps between rectangles is read again, so they are made as large as allowed.
 */
export function cellBlocks(grid: CellGrid, mostPixels: number): CellBlock[] {
  const { across, down, width, height, patch } = grid
  const columns = fitting(across, (count) => span(count, width, grid) * patch <= mostPixels)
  const wide = span(Math.min(columns, across), width, grid)
  const rows = fitting(down, (count) => span(count, height, grid) * wide <= mostPixels)
  const blocks: CellBlock[] = []
  for (let top = 0; top < down; top += rows) {
    for (let left = 0; left < across; left += columns) {
      const cells = { left, top, right: Math.min(left + columns, across), bottom: Math.min(top + rows, down) }
      const pixels = {
        left: windowStart(cells.left, width, grid),
        top: windowStart(cells.top, height, grid),
        right: windowStart(cells.right - 1, width, grid) + patch,
        bottom: windowStart(cells.bottom - 1, height, grid) + patch,
      }
      blocks.push({ cells, pixels })
    }
  }
  return blocks
}

/** Pixels that `count` cells from the middle of a long side need: the windows of neighbours lie a stride apart. */
function span(count: number, length: number, { patch, stride }: CellGrid): number {
  return Math.min(length, (count - 1) * stride + patch)
}

/** The largest number up to `most`, at least 1, for which `fits` holds; it holds for all smaller ones too. */
function fitting(most: number, fits: (count: number) => boolean): number {
  let low = 1
  let high = most
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** The scene's own pixels from its cells, some rows at a time: `[rows][width]`, one class a byte. */
export function* expandCells(
  cells: Uint8Array,
  { width, height, stride, across }: CellGrid,
): Generator<Uint8Array> {
  for (let y = 0; y < height; y += stride) {
    const row = new Uint8Array(width)
    const first = Math.floor(y / stride) * across
    for (let x = 0; x < width; x++) row[x] = cells[first + Math.floor(x / stride)]!
    for (let i = y; i < Math.min(y + stride, height); i++) yield row
  }
}
