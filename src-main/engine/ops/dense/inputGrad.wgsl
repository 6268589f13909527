// dx[image, i] = Σ over u of dy[image, u] · kernel[i, u]

alias Rows = u32; // image

fn rowsOf(m: u32) -> Rows { return m; }

fn a1(m: Rows, k: u32) -> f32 {
  return select(0.0, dy(m * K + k), (m < M) & (k < K));
}

fn a4(m: Rows, k: u32) -> vec4f {
  return select(vec4f(), dy4(m * K + k), (m < M) & (k < K));
}

fn b1(k: u32, n: u32) -> f32 {
  return select(0.0, kernel(n * K + k), (k < K) & (n < N));
}

fn b4(k: u32, n: u32) -> vec4f {
  return select(vec4f(), kernel4(n * K + k), (k < K) & (n < N));
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) { setDx(m * N + n, value); }
