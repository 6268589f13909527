// dx[image, i] = Σ over u of dy[image, u] · kernel[i, u]

fn rowOf(m: u32) -> vec4i { return vec4i(i32(m * K), select(0, 1, m < M), 0, 0); }

fn columnOf(k: u32) -> vec4i { return vec4i(i32(k), 0, 0, 0); }

fn a(row: vec4i, column: vec4i) -> f32 {
  if (row.y == 0) { return 0.0; }
  return dy(u32(row.x + column.x));
}

fn weight(k: u32, n: u32) -> f32 { return select(0.0, kernel(n * K + k), n < N); }

fn b(k: u32, n: u32) -> vec4f {
  return vec4f(weight(k, n), weight(k, n + 1u), weight(k, n + 2u), weight(k, n + 3u));
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) { setDx(m * N + n, value); }
