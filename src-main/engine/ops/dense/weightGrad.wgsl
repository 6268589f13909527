// dKernel[i, u] = Σ over the real images of x[image, i] · dy[image, u]
// With a bias there is one more row, where x is 1 everywhere: dBias[u] = Σ dy.

alias Rows = u32; // row of the kernel

fn rowsOf(m: u32) -> Rows { return m; }

fn a1(m: Rows, k: u32) -> f32 {
  return select(0.0, select(1.0, x(k * KERNEL_ROWS + m), m < KERNEL_ROWS), k < depth());
}

// Four rows of the kernel, or the bias row and what is past the end.
fn a4(m: Rows, k: u32) -> vec4f {
  return select(vec4f(), select(vec4f(1.0), x4(k * KERNEL_ROWS + m), m < KERNEL_ROWS), k < depth());
}

fn b1(k: u32, n: u32) -> f32 {
  return select(0.0, dy(k * N + n), (k < depth()) & (n < N));
}

fn b4(k: u32, n: u32) -> vec4f {
  return select(vec4f(), dy4(k * N + n), (k < depth()) & (n < N));
}

fn depth() -> u32 { return current.count; }

fn store(m: u32, n: u32, value: f32) {
  if (m < KERNEL_ROWS) { setDKernel(m * N + n, value); } else { storeBias(n, value); }
}
