// dx[image, i] = Σ over u of dy[image, u] · kernel[i, u]

alias Rows = u32; // image

fn rowsOf(m: u32) -> Rows { return m; }

fn a1(m: Rows, k: u32) -> f32 {
  var value = 0.0;
  if ((m < M) & (k < K)) { value = dy(m * K + k); }
  return value;
}

fn a4(m: Rows, k: u32) -> vec4f {
  var value = vec4f();
  if ((m < M) & (k < K)) { value = dy4(m * K + k); }
  return value;
}

fn b1(k: u32, n: u32) -> f32 {
  var value = 0.0;
  if ((k < K) & (n < N)) { value = kernel(n * K + k); }
  return value;
}

fn b4(k: u32, n: u32) -> vec4f {
  var value = vec4f();
  if ((k < K) & (n < N)) { value = kernel4(n * K + k); }
  return value;
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) { setDx(m * N + n, value); }
