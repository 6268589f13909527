// y[image, u] = bias[u] + Σ over i of x[image, i] · kernel[i, u]

alias Rows = u32; // image

fn rowsOf(m: u32) -> Rows { return m; }

fn a1(m: Rows, k: u32) -> f32 {
  var value = 0.0;
  if ((m < M) & (k < K)) { value = x(m * K + k); }
  return value;
}

fn a4(m: Rows, k: u32) -> vec4f {
  var value = vec4f();
  if ((m < M) & (k < K)) { value = x4(m * K + k); }
  return value;
}

fn b1(k: u32, n: u32) -> f32 {
  var value = 0.0;
  if ((k < K) & (n < N)) { value = kernel(k * N + n); }
  return value;
}

fn b4(k: u32, n: u32) -> vec4f {
  var value = vec4f();
  if ((k < K) & (n < N)) { value = kernel4(k * N + n); }
  return value;
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) { setY(m * N + n, value + biasOf(n)); }
