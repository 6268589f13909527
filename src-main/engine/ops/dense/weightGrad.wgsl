// dKernel[i, u] = Σ over the real images of x[image, i] · dy[image, u]
// With a bias there is one more row, where x is 1 everywhere: dBias[u] = Σ dy.

alias Rows = u32; // row of the kernel

fn rowsOf(m: u32) -> Rows { return m; }

fn a1(m: Rows, k: u32) -> f32 {
  var value = 1.0;
  if (m < KERNEL_ROWS) { value = x(k * KERNEL_ROWS + m); }
  return select(0.0, value, k < depth());
}

// Four rows of the kernel, or the bias row and what is past the end.
fn a4(m: Rows, k: u32) -> vec4f {
  var value = vec4f(1.0);
  if (m < KERNEL_ROWS) { value = x4(k * KERNEL_ROWS + m); }
  return select(vec4f(), value, k < depth());
}

fn b1(k: u32, n: u32) -> f32 {
  var value = 0.0;
  if ((k < depth()) & (n < N)) { value = dy(k * N + n); }
  return value;
}

fn b4(k: u32, n: u32) -> vec4f {
  var value = vec4f();
  if ((k < depth()) & (n < N)) { value = dy4(k * N + n); }
  return value;
}

fn depth() -> u32 { return current.count; }

fn store(m: u32, n: u32, value: f32) {
  if (m < KERNEL_ROWS) { setDKernel(m * N + n, value); } else { storeBias(n, value); }
}
