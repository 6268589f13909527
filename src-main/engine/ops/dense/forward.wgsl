// y[image, u] = bias[u] + Σ over i of x[image, i] · kernel[i, u]

fn rowOf(m: u32) -> vec4i { return vec4i(i32(m * K), select(0, 1, m < M), 0, 0); }

fn columnOf(k: u32) -> vec4i { return vec4i(i32(k), 0, 0, 0); }

fn a(row: vec4i, column: vec4i) -> f32 {
  if (row.y == 0) { return 0.0; }
  return x(u32(row.x + column.x));
}

fn unit(k: u32, n: u32) -> f32 { return select(0.0, kernel(k * N + n), n < N); }

fn b(k: u32, n: u32) -> vec4f { return vec4f(unit(k, n), unit(k, n + 1u), unit(k, n + 2u), unit(k, n + 3u)); }

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) { setY(m * N + n, value + biasOf(n)); }
