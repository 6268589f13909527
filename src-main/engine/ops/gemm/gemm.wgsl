// C(m, n) = sum over k of A(m, k) · B(k, n), in tiles of BM × BN computed by one workgroup, 4×4 values per thread.
// The operation gives, in front of this text:
//   fn rowOf(m: u32) -> vec4i          what A needs to know about row m, worked out once per tile
//   fn columnOf(k: u32) -> vec4i       the same for column k
//   fn a(row: vec4i, column: vec4i) -> f32
//   fn b(k: u32, n: u32) -> vec4f      B(k, n … n + 3), zero where n ≥ N
//   fn depth() -> u32                  how many k count in this step, at most K
//   fn output(m: u32, n: u32, value: f32)
// Sums run over k in ascending order within a split, and splits are added in order: the same result every time.
// z = split · GROUPS + group of a grouped convolution.

var<private> group: u32;
var<private> part: u32;

var<workgroup> rows: array<vec4i, BM>;
var<workgroup> tileA: array<vec4f, BK * BM / 4u>;  // [k][m / 4]
var<workgroup> tileB: array<vec4f, BK * BN / 4u>;  // [k][n / 4]

fn put(m: u32, n: u32, values: vec4f) {
  if (m >= M) { return; }
  for (var i = 0u; i < 4u; i++) {
    if (n + i < N) { output(m, n + i, values[i]); }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = id.x + id.y * TILE_COLUMNS;
  if (tile >= TILES) { return; }
  let firstM = tile / TILES_N * BM;
  let firstN = tile % TILES_N * BN;
  group = id.z % GROUPS;
  part = id.z / GROUPS;

  for (var i = thread; i < BM; i += THREADS) { rows[i] = rowOf(firstM + i); }

  let threadN = thread % (BN / 4u);
  let threadM = thread / (BN / 4u);
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();

  let end = min(depth(), (id.z / GROUPS + 1u) * SPLIT_DEPTH);
  for (var firstK = id.z / GROUPS * SPLIT_DEPTH; firstK < end; firstK += BK) {
    workgroupBarrier();
    for (var i = thread; i < BK * BM / 4u; i += THREADS) {
      let k = firstK + i % BK;
      let m = i / BK;
      var values = vec4f();
      if (k < end) {
        let column = columnOf(k);
        values = vec4f(
          a(rows[4u * m], column), a(rows[4u * m + 1u], column),
          a(rows[4u * m + 2u], column), a(rows[4u * m + 3u], column));
      }
      tileA[i % BK * (BM / 4u) + m] = values;
    }
    for (var i = thread; i < BK * BN / 4u; i += THREADS) {
      let k = firstK + i / (BN / 4u);
      var values = vec4f();
      if (k < end) { values = b(k, firstN + i % (BN / 4u) * 4u); }
      tileB[i] = values;
    }
    workgroupBarrier();
    for (var k = 0u; k < BK; k++) {
      let left = tileA[k * (BM / 4u) + threadM];
      let right = tileB[k * (BN / 4u) + threadN];
      c0 += left.x * right;
      c1 += left.y * right;
      c2 += left.z * right;
      c3 += left.w * right;
    }
  }

  let m = firstM + 4u * threadM;
  let n = firstN + 4u * threadN;
  put(m, n, c0);
  put(m + 1u, n, c1);
  put(m + 2u, n, c2);
  put(m + 3u, n, c3);
}
