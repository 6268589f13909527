/**
 * Matrix products for convolution and dense: the operation describes how to find A and B and where C goes, this file chooses
 * tiles and splits. Implicit GEMM (Chetlur et al. 2014, cuDNN): no im2col matrix in memory.
 */
import type { Dispatch, KernelContext } from '../webgpuKernel'
import { elementwise, shader, workgroupGrid, type ShaderParts } from '../webgpuShader'
import addSplitsCode from './addSplits.wgsl?raw'
import { bk, gemmCode, type GemmShape } from './gemmShader'
import { chooseRegisterTile, registerCode, registerThreads } from './registerShader'

export interface Product
  extends Omit<GemmShape, 'tile'>, Omit<ShaderParts, 'work' | 'scratch' | 'constants'> {
  m: number
  n: number
  k: number
  /** Independent products side by side (groups of a convolution); the shader reads `group`. */
  groups: number
  constants: Readonly<Record<string, number>>
}

/** How a product is cut up. A job is one tile of C over one split of k. */
export interface Cut {
  /** Computes job `id.x + id.y * GRID_COLUMNS`, or that many jobs from there: tile `job / SPLITS`, split `job % SPLITS`. */
  code: string
  tilesM: number
  tilesN: number
  jobsPerWorkgroup: number
  /** Splits of k so that there are this many jobs, which keep the device busy. */
  wantedJobs: number
  /** Fewer steps of k are not worth a split. */
  shortestSplit: number
  /** Splits are multiples of this many steps of k. */
  splitUnit: number
}

/**
 * Graphics cards: tiles in workgroup memory. Narrow and low products get narrow and low tiles, so that few threads compute
 * nothing. Eight by eight values per thread reuse most what they load, but make a quarter as many threads: they are for products
 * with enough of them.
 */
function workgroupCut(product: Product): Cut {
  const { m, n } = product
  const bn = n <= 8 ? 8 : n <= 16 ? 16 : n <= 32 ? 32 : 64
  const tallest = bn <= 8 ? 128 : 64
  const bm = m <= 32 ? 32 : m <= 64 ? 64 : tallest
  const tiles = Math.ceil(m / bm) * Math.ceil(n / bn)
  const perThread = bm * bn >= 4096 && tiles >= 128 ? 8 : 4
  return {
    code: gemmCode({ ...product, tile: { bm, bn, tm: perThread, tn: perThread } }),
    tilesM: Math.ceil(m / bm),
    tilesN: Math.ceil(n / bn),
    jobsPerWorkgroup: 1,
    wantedJobs: 256,
    shortestSplit: 16 * bk,
    splitUnit: bk,
  }
}

/** What all cuts for adapters that compute on the processor have in common. */
export const registerJobs = { jobsPerWorkgroup: registerThreads, wantedJobs: 128, shortestSplit: 64 } as const

/** Adapters that compute on the processor: large tiles in each thread's own registers. */
function registerCut({ m, n, k }: Product): Cut {
  const tile = chooseRegisterTile(m, n, m * n * k)
  return {
    code: registerCode(tile),
    tilesM: Math.ceil(m / tile.tm),
    tilesN: Math.ceil(n / tile.tn),
    ...registerJobs,
    splitUnit: 1,
  }
}

/**
 * Dispatches for C = A · B. `product.code` defines what gemmShader.ts asks for, except that in place of `output` it defines
 * `store(m, n, value)`, which receives the finished value.
 */
export function matrixProduct(
  context: KernelContext,
  product: Product,
  cut: Cut = context.software ? registerCut(product) : workgroupCut(product),
): Dispatch[] {
  const { m, n, k, groups } = product
  const tiles = cut.tilesM * cut.tilesN
  // As many splits of k as it takes to keep the device busy, each still long enough to be worth it.
  const wantedSplits = Math.ceil(cut.wantedJobs / (tiles * groups))
  const mostSplits = Math.max(1, Math.min(Math.floor(k / cut.shortestSplit), 256))
  const splitDepth = Math.ceil(k / Math.min(wantedSplits, mostSplits) / cut.splitUnit) * cut.splitUnit
  const splits = Math.ceil(k / splitDepth)
  const [columns, rows] = workgroupGrid(Math.ceil((tiles * splits) / cut.jobsPerWorkgroup))
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
        TILES_N: cut.tilesN,
        GRID_COLUMNS: columns,
        SPLIT_DEPTH: splitDepth,
      },
      code: product.code + output + cut.code,
      work: 2 * size * k,
      scratch,
    },
    [columns, rows, groups],
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
