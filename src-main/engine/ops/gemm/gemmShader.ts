/**
 * The text of a matrix product C(m, n) = Σ over k of A(m, k) · B(k, n): tiles of BM × BN computed by one workgroup, TM × TN
 * values per thread, the accumulators and the loads unrolled.
 *
 * The operation gives, in front of this text:
 * - `alias Rows` and `fn rowsOf(m: u32) -> Rows`: what loads of A need to know about m, worked out once per thread;
 * - `fn a1(rows: Rows, k: u32) -> f32` and `fn b1(k: u32, n: u32) -> f32`: one value;
 * - `fn a4(rows: Rows, k: u32) -> vec4f` and `fn b4(k: u32, n: u32) -> vec4f`: four values along the direction `aAlong` and
 *   `bAlong`; used where `aFours` and `bFours` say that these are four floats in a row, aligned to their kind;
 * - `fn depth() -> u32`: how many k count in this step, at most K;
 * - `fn output(m: u32, n: u32, value: f32)`.
 * These have no early returns and no `&&`: SwiftShader's compiler takes minutes over the branches that become of them. Loads give zero past N and `depth()`, and for forward and input gradients past M.
 *
 * Sums run over k in ascending order within a split, and splits are added in order: the same result every time.
 */

export interface Tile {
  /** Rows and columns of C per workgroup. */
  bm: number
  bn: number
  /** Rows and columns of C per thread; `tn` a multiple of 4. */
  tm: number
  tn: number
}

export interface GemmShape {
  tile: Tile
  /** The direction in which A, and B, are read four at a time. */
  aAlong: 'k' | 'm'
  bAlong: 'k' | 'n'
  /** Four values in that direction are four floats in a row, and four at a time never cross a boundary. */
  aFours: boolean
  bFours: boolean
}

/** Depth of the tiles in workgroup memory. */
export const bk = 8

export function gemmThreads({ bm, bn, tm, tn }: Tile): number {
  return (bm / tm) * (bn / tn)
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** Rows of the tiles are this much longer, so that threads that write a column meet different memory banks. */
const padding = 4

interface TileLoad {
  name: 'A' | 'B'
  /** Length of the tile along m or n. */
  width: number
  alongK: boolean
  fours: boolean
}

/** Up to this many loads are unrolled, with what they know about m kept in registers. */
const mostUnrolled = 2

/** Where item `item` of a tile's loads sits: k and the position along m or n. */
function place({ width, alongK }: TileLoad, item: string): { k: string; position: string } {
  return alongK
    ? { k: `${item} % ${bk / 4}u * 4u`, position: `${item} / ${bk / 4}u` }
    : { k: `${item} / ${width / 4}u`, position: `${item} % ${width / 4}u * 4u` }
}

/** One load: four values brought into workgroup memory. */
function loadBody(load: TileLoad, item: string, rows: string): string {
  const { name, width, alongK, fours } = load
  const stride = width + padding
  const { k, position } = place(load, item)
  const value = (j: number | null): string => {
    const offset = j === null || j === 0 ? '' : ` + ${j}u`
    const [alongDepth, across] = alongK ? [offset, ''] : ['', offset]
    const call = j === null ? '4' : '1'
    if (name === 'B') return `b${call}(firstK + k${alongDepth}, firstN + position${across})`
    const state = across === '' ? rows : `rowsOf(firstM + position${across})`
    return `a${call}(${state}, firstK + k${alongDepth})`
  }
  const values = fours ? value(null) : `vec4f(${range(4).map(value).join(', ')})`
  const stores = ['x', 'y', 'z', 'w'].map(
    (component, j) => `tile${name}[at + ${j * (alongK ? stride : 1)}u] = values.${component};`,
  )
  return (
    `let k = ${k}; let position = ${position}; let at = k * ${stride}u + position; ` +
    `let values = ${values}; ${stores.join(' ')}`
  )
}

/** All loads of a thread for one tile: what comes before the loop over k, and what is inside. */
function loads(load: TileLoad, threads: number): { before: string; inside: string } {
  const items = (load.width * bk) / 4
  const count = Math.ceil(items / threads)
  const rowsAt = (item: string): string => `rowsOf(firstM + ${place(load, item).position})`
  if (count > mostUnrolled) {
    const body = loadBody(load, 'item', rowsAt('item'))
    return {
      before: '',
      inside: `for (var item = thread; item < ${items}u; item += ${threads}u) { ${body} }`,
    }
  }
  const item = (i: number): string => (i === 0 ? 'thread' : `(thread + ${i * threads}u)`)
  const guard = (i: number): string =>
    (i + 1) * threads > items ? `if (thread + ${i * threads}u < ${items}u) ` : ''
  return {
    before:
      load.name === 'B'
        ? ''
        : range(count)
            .map((i) => `let rows${i} = ${rowsAt(item(i))};`)
            .join('\n  '),
    inside: range(count)
      .map((i) => `${guard(i)}{ ${loadBody(load, item(i), `rows${i}`)} }`)
      .join('\n    '),
  }
}

export function gemmCode(shape: GemmShape): string {
  const { tile, aAlong, bAlong, aFours, bFours } = shape
  const { bm, bn, tm, tn } = tile
  const threads = gemmThreads(tile)
  const a = loads({ name: 'A', width: bm, alongK: aAlong === 'k', fours: aFours }, threads)
  const b = loads({ name: 'B', width: bn, alongK: bAlong === 'k', fours: bFours }, threads)
  const columns = range(tn / 4)

  const accumulators = `  var c: array<vec4f, ${(tm * tn) / 4}>;`
  const readB = columns.map((j) => {
    const parts = range(4).map((component) => `tileB[atB + ${4 * j + component}u]`)
    return `      let b${j} = vec4f(${parts.join(', ')});`
  })
  const multiply = range(tm).flatMap((i) => [
    `      let a${i} = tileA[atA + ${i}u];`,
    ...columns.map((j) => `      c[${(i * tn) / 4 + j}] += a${i} * b${j};`),
  ])
  const count = (tm * tn) / 4
  // One by one: registers cannot be indexed, and not every driver unrolls a loop.
  const stores = range(count)
    .map((i) => `put(m + ${i}u / ${tn / 4}u, n + ${i}u % ${tn / 4}u * 4u, c[${i}]);`)
    .join('\n  ')

  return `
var<private> group: u32; // of a grouped convolution
var<private> part: u32; // which split of k

var<workgroup> tileA: array<f32, ${bk * (bm + padding)}>; // [k][m]
var<workgroup> tileB: array<f32, ${bk * (bn + padding)}>; // [k][n]

fn put(m: u32, n: u32, values: vec4f) {
  for (var j = 0u; j < 4u; j++) {
    if ((m < M) & (n + j < N)) { output(m, n + j, values[j]); }
  }
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let job = id.x + id.y * GRID_COLUMNS;
  let tile = job / SPLITS;
  if (tile >= TILES) { return; }
  let firstM = tile / TILES_N * ${bm}u;
  let firstN = tile % TILES_N * ${bn}u;
  let split = job % SPLITS;
  group = id.z;
  part = split;
  ${a.before}
  let threadM = thread / ${bn / tn}u * ${tm}u;
  let threadN = thread % ${bn / tn}u * ${tn}u;
${accumulators}

  let end = min(depth(), (split + 1u) * SPLIT_DEPTH);
  for (var firstK = split * SPLIT_DEPTH; firstK < end; firstK += ${bk}u) {
    workgroupBarrier();
    ${a.inside}
    ${b.inside}
    workgroupBarrier();
    for (var k = 0u; k < ${bk}u; k++) {
      let atA = k * ${bm + padding}u + threadM;
      let atB = k * ${bn + padding}u + threadN;
${readB.join('\n')}
${multiply.join('\n')}
    }
  }

  let m = firstM + threadM;
  let n = firstN + threadN;
  ${stores}
}
`
}
