/**
 * The text of a convolution for adapters that compute on the processor (see ../gemm/registerShader.ts): a thread computes TM
 * pixels next to each other in a row, TN channels each. Windows of neighbours overlap, so that it loads each pixel of the source
 * once for all the columns of the window: KX times fewer loads than a matrix product, and no divisions to find them.
 *
 * The caller's tensors are `source` and `kernel` (read) and `out` (written), and in front of this text it defines
 * `fn biasOf(n: u32) -> f32`, n counting channels of `out` within a group.
 */
import type { ArenaName } from '#shared/engine/plan'
import { range, registerThreads, storeValues, type RegisterTile } from '../gemm/registerShader'

/** out[image, y, x, n] = bias[n] + Σ over ky, kx, c of source[image, y·sy + ky·dy − top, x·sx + kx·dx − left, c] · weight(ky, kx, c, n) */
export interface RowConvolution {
  outSize: readonly [height: number, width: number]
  outChannels: number
  sourceSize: readonly [height: number, width: number]
  sourceChannels: number
  groups: number
  kernelSize: readonly [number, number]
  strides: readonly [number, number]
  dilation: readonly [number, number]
  /** May be negative. */
  padding: { top: number; left: number }
  arenas: { source: ArenaName; kernel: ArenaName; out: ArenaName }
  /** Where weight(ky, kx, c, n) of a group is in `kernel`. */
  weights: { first: number; ky: number; kx: number; c: number; n: number; group: number }
}

/** `tile`: pixels in a row and channels per thread; `tiles`: how many of them there are. */
export function rowCode(convolution: RowConvolution, { tm, tn }: RegisterTile, tiles: number): string {
  const { outSize, outChannels, sourceSize, sourceChannels, groups, kernelSize, weights } = convolution
  const { strides, dilation, padding, arenas } = convolution
  const depth = sourceChannels / groups
  // Channels per turn of the loop: accumulators are saved and masked between turns, but long code takes long to compile.
  const unroll = kernelSize[1] < 3 && depth % 2 === 0 ? 2 : 1
  const pixels = range(tm)
  const channels = range(tn)
  const taps = range(kernelSize[1])
  const place = (i: number, kx: number): number => i * strides[1] + kx * dilation[1]
  const places = [...new Set(pixels.flatMap((i) => taps.map((kx) => place(i, kx))))]

  const position = places.map((p) => `let inside${p} = rowInside & (u32(left + ${p}) < ${sourceSize[1]}u);`)
  const load = (p: number, u: number): string =>
    `let s${p} = select(0.0, ${arenas.source}[u32(start + ${p * sourceChannels + u})], inside${p});`
  const multiply = (kx: number, j: number, u: number): string =>
    `{ let w = ${arenas.kernel}[u32(weight + ${kx * weights.kx + u * weights.c + j * weights.n})]; ` +
    `${pixels.map((i) => `c${i}_${j} += s${place(i, kx)} * w;`).join(' ')} }`
  const turn = (u: number): string =>
    `{ ${[
      ...places.map((p) => load(p, u)),
      ...taps.flatMap((kx) => channels.map((j) => multiply(kx, j, u))),
    ].join('\n        ')} }`

  const groupChannels = outChannels / groups
  const even = outSize[1] % tm === 0 && groupChannels % tn === 0 && tiles % registerThreads === 0
  const first = `(row * ${outSize[1]}u + x) * ${outChannels}u + group * ${groupChannels}u + n`
  const stores = even
    ? `let at = setOutAt(${first});\n  ` +
      pixels
        .map((i) =>
          channels.map((j) => `${arenas.out}[at + ${i * outChannels + j}u] = c${i}_${j};`).join(' '),
        )
        .join('\n  ')
    : storeValues(
        tm,
        tn,
        `(tile < TILES) & (x + i < ${outSize[1]}u) & (n + j < ${groupChannels}u)`,
        `setOut(${first} + i * ${outChannels}u + j, value);`,
      )

  return `
var<private> group: u32;

@compute @workgroup_size(${registerThreads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = (id.x + id.y * GRID_COLUMNS) * ${registerThreads}u + thread;
  group = id.z;
  let n = tile % TILES_N * ${tn}u;
  let x = tile / TILES_N % TILES_X * ${tm}u;
  let row = tile / (TILES_N * TILES_X);
  let image = row / ${outSize[0]}u;
  let y = row % ${outSize[0]}u;
  ${channels.map((j) => `let bias${j} = biasOf(n + ${j}u);`).join(' ')}
  ${pixels.map((i) => channels.map((j) => `var c${i}_${j} = bias${j};`).join(' ')).join('\n  ')}

  let left = i32(x * ${strides[1]}u) - ${padding.left};
  for (var ky = 0; ky < ${kernelSize[0]}; ky++) {
    let sourceY = i32(y * ${strides[0]}u) + ky * ${dilation[0]} - ${padding.top};
    // As unsigned numbers negative positions are beyond the far edge too.
    let rowInside = u32(sourceY) < ${sourceSize[0]}u;
    ${position.join('\n    ')}
    var start = i32(sourceAt(0u)) + i32(image) * ${sourceSize[0] * sourceSize[1] * sourceChannels}
      + (sourceY * ${sourceSize[1]} + left) * ${sourceChannels} + i32(group) * ${depth};
    var weight = i32(kernelAt(0u)) + ${weights.first} + ky * ${weights.ky} + i32(n) * ${weights.n} + i32(group) * ${weights.group};
    for (var c = 0; c < ${depth}; c += ${unroll}) {
      ${range(unroll).map(turn).join('\n      ')}
      start += ${unroll};
      weight += ${unroll * weights.c};
    }
  }

  ${stores}
}
`
}
