/**
 * The text of the same product as gemmShader.ts for adapters that compute on the processor: every thread computes TM × TN
 * values on its own, from its own loads. There a load costs as much as ten multiplications wherever it reads from, so workgroup
 * memory gains nothing and its barriers cost much: what counts is how often a loaded value is used. Values that do not fit into
 * the processor's registers live on its stack, which is cheap; arrays would be stored with masks, so each has a name.
 */

/** Rows and columns of the result per thread. */
export interface RegisterTile {
  tm: number
  tn: number
}

/** The length up to `most` that cuts `size` with the least waste; of equals the longest. */
export function evenCut(size: number, most: number): number {
  return Math.ceil(size / Math.ceil(size / most))
}

/** Products in the body of a loop: compiling so many takes a third of a second. */
const mostProducts = 512

/**
 * The tile for an m × n result that takes this many multiplications, `each` of them per value in a turn of the loop. A value that
 * is loaded once is used as often as its tile is long, but small work is not worth the time that the code of a large tile takes to
 * compile.
 */
export function chooseRegisterTile(m: number, n: number, multiplications: number, each = 1): RegisterTile {
  const most = multiplications < 1 << 18 ? 4 : multiplications < 1 << 22 ? 8 : 16
  const tm = evenCut(m, most)
  return { tm, tn: evenCut(n, Math.max(1, Math.min(most, Math.floor(mostProducts / (tm * each))))) }
}

/** Four threads are what SwiftShader computes at once. */
export const registerThreads = 4

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/**
 * Stores what a thread has in `c0_0` … with `store`, which may use i, j and `value`. In loops: written out one by one the stores
 * would take the compiler longer than all the rest.
 */
export function storeValues(tm: number, tn: number, test: string, store: string): string {
  const all = range(tm).map((i) => range(tn).map((j) => `c${i}_${j}`))
  return `var values = array<f32, ${tm * tn}>(${all.flat().join(', ')});
  for (var i = 0u; i < ${tm}u; i++) {
    for (var j = 0u; j < ${tn}u; j++) {
      let value = values[i * ${tn}u + j];
      if (${test}) { ${store} }
    }
  }`
}

export function registerCode(tile: RegisterTile): string {
  const { tm, tn } = tile
  const rows = range(tm)
  const columns = range(tn)
  return `
var<private> group: u32; // of a grouped convolution
var<private> part: u32; // which split of k

@compute @workgroup_size(${registerThreads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  // The last threads may have no tile: they compute zeros past the last row.
  let job = (id.x + id.y * GRID_COLUMNS) * ${registerThreads}u + thread;
  let tile = job / SPLITS;
  let m = tile / TILES_N * ${tm}u;
  let n = tile % TILES_N * ${tn}u;
  group = id.z;
  part = job % SPLITS;
  ${rows.map((i) => `let rows${i} = rowsOf(m + ${i}u);`).join(' ')}
  ${rows.map((i) => columns.map((j) => `var c${i}_${j} = 0.0;`).join(' ')).join('\n  ')}

  let end = min(depth(), (part + 1u) * SPLIT_DEPTH);
  for (var k = part * SPLIT_DEPTH; k < end; k++) {
    ${rows.map((i) => `let left${i} = a1(rows${i}, k);`).join('\n    ')}
    ${columns
      .map(
        (j) =>
          `{ let right = b1(k, n + ${j}u); ` +
          `${rows.map((i) => `c${i}_${j} += left${i} * right;`).join(' ')} }`,
      )
      .join('\n    ')}
  }

  ${storeValues(tm, tn, '(m + i < M) & (n + j < N)', 'output(m + i, n + j, value);')}
}
`
}
