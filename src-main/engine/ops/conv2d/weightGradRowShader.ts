/**
 * The text of a convolution's weight gradient for adapters that compute on the processor (see ../gemm/registerShader.ts): a
 * thread computes some rows of the window with all their columns, for some channels and filters, and walks along the rows of the
 * output. Windows of neighbours overlap, so that it loads each pixel of x once for all the columns of the window.
 *
 * In front of this text stand the definitions of weightGrad.wgsl's constants and `fn output(m: u32, n: u32, value: f32)`, m and n
 * counting as there.
 */
import type { KernelAttrs, PlanTensor } from '#shared/engine/plan'
import { evenCut, range, registerThreads, storeValues } from '../gemm/registerShader'

interface WeightGradTile {
  /** Rows of the window per thread: one, or all. */
  windowRows: number
  /** Channels and filters per thread. Channels divide those of the group. */
  channels: number
  filters: number
  /** Pixels per turn of the loop. */
  pixels: number
}

const mostValues = 192

/** Few channels: all rows of the window, or the values of dy would be loaded for too little. */
export function weightGradTile(
  groupChannels: number,
  groupFilters: number,
  kernel: readonly number[],
): WeightGradTile {
  const [height, width] = kernel as [number, number]
  const filters = evenCut(groupFilters, 16)
  const windowRows = groupChannels < 4 && height * width * filters <= mostValues ? height : 1
  const room = Math.max(1, Math.floor(mostValues / (windowRows * width * filters)))
  const channels = Math.max(
    ...range(Math.min(4, room)).map((i) => (groupChannels % (i + 1) === 0 ? i + 1 : 1)),
  )
  return { windowRows, channels, filters, pixels: 2 }
}

export function weightGradRowCode(
  attrs: KernelAttrs['conv2d'],
  x: PlanTensor,
  dy: PlanTensor,
  tile: WeightGradTile,
  hasBias: boolean,
): string {
  const { windowRows, filters, pixels } = tile
  const { kernelSize, strides, dilation, groups } = attrs
  const [, width] = kernelSize
  const [xHeight, xWidth, xChannels] = x.shape as [number, number, number]
  const [yHeight, yWidth] = dy.shape as [number, number, number]
  const groupChannels = xChannels / groups
  const groupFilters = attrs.filters / groups
  const tilesC = groupChannels / tile.channels

  const rows = range(windowRows)
  const columns = range(width)
  const channels = range(tile.channels)
  const filterRange = range(filters)
  const turn = range(pixels)
  const value = (r: number, kx: number, c: number): number => (r * width + kx) * tile.channels + c
  const values = rows.flatMap((r) => columns.flatMap((kx) => channels.map((c) => value(r, kx, c))))
  const place = (u: number, kx: number): number => u * strides[1] + kx * dilation[1]
  const places = [...new Set(turn.flatMap((u) => columns.map((kx) => place(u, kx))))]

  const loadX = rows.flatMap((r) =>
    places.flatMap((p) =>
      channels.map(
        (c) =>
          `let x${r}_${p}_${c} = select(0.0, ${x.arena}[u32(start${r} + left * ${xChannels} + ${p * xChannels + c})], inside${r} & inRow${p});`,
      ),
    ),
  )
  const loadDy = (u: number, j: number): string => {
    const load = `${dy.arena}[at + ${u * attrs.filters + j}u]`
    return yWidth % pixels === 0 || u === 0 ? load : `select(0.0, ${load}, ox + ${u}u < ${yWidth}u)`
  }
  const multiply = turn.flatMap((u) =>
    filterRange.map(
      (j) =>
        `{ let d = ${loadDy(u, j)}; ${hasBias ? `bias${j} += d; ` : ''}` +
        rows
          .flatMap((r) =>
            columns.flatMap((kx) =>
              channels.map((c) => `c${value(r, kx, c)}_${j} += x${r}_${place(u, kx)}_${c} * d;`),
            ),
          )
          .join(' ') +
        ' }',
    ),
  )
  const storeBias = filterRange.map((j) => `if (n + ${j}u < N) { output(KERNEL_ROWS, n + ${j}u, bias${j}); }`)

  return `
var<private> group: u32;
var<private> part: u32; // which split of the output's rows

@compute @workgroup_size(${registerThreads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let job = (id.x + id.y * GRID_COLUMNS) * ${registerThreads}u + thread;
  let tile = job / SPLITS;
  group = id.z;
  part = job % SPLITS;
  let n = tile % TILES_N * ${filters}u;
  let tileM = tile / TILES_N;
  let ky = tileM / ${tilesC}u * ${windowRows}u;
  let channel = tileM % ${tilesC}u * ${tile.channels}u;
  ${values.map((i) => filterRange.map((j) => `var c${i}_${j} = 0.0;`).join(' ')).join('\n  ')}
  ${hasBias ? filterRange.map((j) => `var bias${j} = 0.0;`).join(' ') : ''}

  let end = min(current.count * ${yHeight}u, (part + 1u) * (SPLIT_DEPTH / ${yWidth}u));
  for (var row = part * (SPLIT_DEPTH / ${yWidth}u); row < end; row++) {
    let image = row / ${yHeight}u;
    let top = i32((row % ${yHeight}u) * ${strides[0]}u + ky * ${dilation[0]}u) - ${attrs.padding[0]};
    let from0 = i32(xAt(image * ${x.size}u + group * ${groupChannels}u + channel));
    ${rows
      .map(
        (r) =>
          `let inside${r} = u32(top + ${r * dilation[0]}) < ${xHeight}u; ` +
          `let start${r} = from0 + (top + ${r * dilation[0]}) * ${xWidth * xChannels};`,
      )
      .join('\n    ')}
    var at = dyAt(row * ${yWidth * attrs.filters}u + group * ${groupFilters}u + n);
    for (var ox = 0u; ox < ${yWidth}u; ox += ${pixels}u) {
      let left = i32(ox * ${strides[1]}u) - ${attrs.padding[2]};
      ${places.map((p) => `let inRow${p} = u32(left + ${p}) < ${xWidth}u;`).join(' ')}
      ${loadX.join('\n      ')}
      ${multiply.join('\n      ')}
      at += ${pixels * attrs.filters}u;
    }
  }

  ${storeValues(
    values.length,
    filters,
    `(tile < TILES) & (n + j < N)`,
    `output((ky * ${width}u + i / ${tile.channels}u) * ${groupChannels}u + channel + i % ${tile.channels}u, n + j, value);`,
  )}
  ${hasBias ? `if ((tile < TILES) & (tileM == 0u)) { ${storeBias.join(' ')} }` : ''}
}
`
}
