/**
 * Matrix products for convolution and dense: the operation describes how to find A and B and where C goes, this file chooses
 * tiles and splits. Implicit GEMM (Chetlur et al. 2014, cuDNN): no im2col matrix in memory.
 */
import type { Dispatch, KernelContext } from '../webgpuKernel'
import { elementwise, shader, workgroupGrid, type ShaderParts } from '../webgpuShader'
import addSplitsCode from './addSplits.wgsl?raw'
import { bk, gemmCode, type GemmShape, type Tile } from './gemmShader'

export interface Product
  extends Omit<GemmShape, 'tile' | 'unrollStores'>, Omit<ShaderParts, 'work' | 'scratch' | 'constants'> {
  m: number
  n: number
  k: number
  /** Independent products side by side (groups of a convolution); the shader reads `group`. */
  groups: number
  constants: Readonly<Record<string, number>>
}

/**
 * Narrow and low products get narrow and low tiles, so that few threads compute nothing. Eight by eight values per thread reuse
 * most what they load, but make a quarter as many threads: on a graphics card they are for products with enough of them.
 */
function chooseTile({ software }: KernelContext, m: number, n: number): Tile {
  const bn = n <= 8 ? 8 : n <= 16 ? 16 : n <= 32 ? 32 : 64
  const tallest = bn <= 8 ? 128 : 64
  const bm = m <= 32 ? 32 : m <= 64 ? 64 : tallest
  const tiles = Math.ceil(m / bm) * Math.ceil(n / bn)
  const perThread = software || (bm * bn >= 4096 && tiles >= 128) ? 8 : 4
  return { bm, bn, tm: perThread, tn: perThread }
}

/** As many splits of k as it takes to keep the device busy, each still long enough to be worth it. */
function chooseSplits({ software }: KernelContext, workgroups: number, k: number): number {
  const wanted = Math.ceil((software ? 8 : 256) / workgroups)
  return Math.max(1, Math.min(wanted, Math.floor(k / (bk * 16)), 256))
}

/**
 * Dispatches for C = A · B. `product.code` defines what gemmShader.ts asks for, except that in place of `output` it defines
 * `store(m, n, value)`, which receives the finished value.
 */
export function matrixProduct(context: KernelContext, product: Product): Dispatch[] {
  const { m, n, k, groups } = product
  const tile = chooseTile(context, m, n)
  const tilesN = Math.ceil(n / tile.bn)
  const tiles = Math.ceil(m / tile.bm) * tilesN
  const [columns, rows] = workgroupGrid(tiles)
  const wantedSplits = chooseSplits(context, tiles * groups, k)
  const splitDepth = Math.ceil(k / wantedSplits / bk) * bk
  const splits = Math.ceil(k / splitDepth)
  const size = groups * m * n
  const constants = { ...product.constants, M: m, N: n, K: k, GROUPS: groups, SPLITS: splits }
  const output =
    splits === 1
      ? 'fn output(m: u32, n: u32, value: f32) { store(m, n, value); }\n'
      : 'fn output(m: u32, n: u32, value: f32) { scratch[((part * GROUPS + group) * M + m) * N + n] = value; }\n'
  const scratch = splits === 1 ? 0 : splits * size
  const main = shader(
    context,
    {
      ...product,
      constants: {
        ...constants,
        TILES: tiles,
        TILES_N: tilesN,
        TILE_COLUMNS: columns,
        SPLIT_DEPTH: splitDepth,
      },
      code: product.code + output + gemmCode({ ...product, tile, unrollStores: !context.software }),
      work: 2 * size * k,
      scratch,
    },
    [columns, rows, splits * groups],
  )
  if (splits === 1) return [main]
  const sum = elementwise(context, {
    ...product,
    label: `${product.label} (sum of splits)`,
    constants,
    code: product.code + addSplitsCode,
    elements: size,
    work: splits * size,
    scratch,
  })
  return [main, sum]
}
