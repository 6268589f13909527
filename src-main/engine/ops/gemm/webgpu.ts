/**
 * Matrix products for convolution and dense: the operation describes how to find A and B and where C goes, this file chooses
 * tiles and splits. Implicit GEMM (Chetlur et al. 2014, cuDNN): no im2col matrix in memory.
 */
import type { Dispatch, KernelContext } from '../webgpuKernel'
import { elementwise, shader, workgroupGrid, type ShaderParts } from '../webgpuShader'
import addSplitsCode from './addSplits.wgsl?raw'
import gemmCode from './gemm.wgsl?raw'

export interface Product extends Omit<ShaderParts, 'work' | 'scratch' | 'constants'> {
  m: number
  n: number
  k: number
  /** Independent products side by side (groups of a convolution); the shader reads `group`. */
  groups: number
  constants: Readonly<Record<string, number>>
}

/** Rows and columns of C per workgroup: narrow products get narrow tiles, so that few threads compute nothing. */
function chooseTile(m: number, n: number): { bm: number; bn: number } {
  if (n <= 8) return { bm: 64, bn: 8 }
  if (n <= 16) return { bm: 64, bn: 16 }
  if (m <= 16) return { bm: 16, bn: 64 }
  return { bm: 32, bn: 32 }
}

const bk = 16

/** As many splits of k as it takes to keep the device busy, each still long enough to be worth it. */
function chooseSplits(context: KernelContext, workgroups: number, k: number): number {
  const wanted = Math.ceil((context.software ? 8 : 256) / workgroups)
  return Math.max(1, Math.min(wanted, Math.floor(k / (bk * 8)), 256))
}

/**
 * Dispatches for C = A · B. `product.code` defines `rowOf`, `columnOf`, `a`, `b`, `depth` (see gemm.wgsl) and
 * `store(m, n, value)`, which receives the finished value.
 */
export function matrixProduct(context: KernelContext, product: Product): Dispatch[] {
  const { m, n, k, groups } = product
  const { bm, bn } = chooseTile(m, n)
  const tilesN = Math.ceil(n / bn)
  const tiles = Math.ceil(m / bm) * tilesN
  const [columns, rows] = workgroupGrid(tiles)
  const wantedSplits = chooseSplits(context, tiles * groups, k)
  const splitDepth = Math.ceil(k / wantedSplits / bk) * bk
  const splits = Math.ceil(k / splitDepth)
  const threads = (bm * bn) / 16
  const size = groups * m * n
  const constants = {
    ...product.constants,
    M: m,
    N: n,
    K: k,
    GROUPS: groups,
    SPLITS: splits,
  }
  const tileConstants = {
    BM: bm,
    BN: bn,
    BK: bk,
    THREADS: threads,
    TILES: tiles,
    TILES_N: tilesN,
    TILE_COLUMNS: columns,
    SPLIT_DEPTH: splitDepth,
  }
  const output =
    splits === 1
      ? 'fn output(m: u32, n: u32, value: f32) { store(m, n, value); }\n'
      : 'fn output(m: u32, n: u32, value: f32) { scratch[((part * GROUPS + group) * M + m) * N + n] = value; }\n'
  const scratch = splits === 1 ? 0 : splits * size
  const main = shader(
    context,
    {
      ...product,
      constants: { ...constants, ...tileConstants },
      code: product.code + output + gemmCode,
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
