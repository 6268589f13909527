// dKernel[i, u] = Σ over the real images of x[image, i] · dy[image, u]
// With a bias there is one more row, where x is 1 everywhere: dBias[u] = Σ dy.

fn rowOf(m: u32) -> vec4i { return vec4i(i32(m), select(0, 1, m >= KERNEL_ROWS), 0, 0); }

fn columnOf(k: u32) -> vec4i { return vec4i(i32(k * KERNEL_ROWS), 0, 0, 0); }

fn a(row: vec4i, column: vec4i) -> f32 {
  if (row.y == 1) { return 1.0; }
  return x(u32(row.x + column.x));
}

fn unit(k: u32, n: u32) -> f32 { return select(0.0, dy(k * N + n), n < N); }

fn b(k: u32, n: u32) -> vec4f { return vec4f(unit(k, n), unit(k, n + 1u), unit(k, n + 2u), unit(k, n + 3u)); }

fn depth() -> u32 { return current.count; }

fn store(m: u32, n: u32, value: f32) {
  if (m < KERNEL_ROWS) { setDKernel(m * N + n, value); } else { storeBias(n, value); }
}
