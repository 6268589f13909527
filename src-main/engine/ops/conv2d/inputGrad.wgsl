// dx[image, iy, ix, c] = Σ over ky, kx, f of dy[image, oy, ox, f] · kernel[ky, kx, c, f], where oy·sy + ky·dy − top = iy
// (and the same across): each input pixel gathers from the outputs that read it, so nothing is added atomically.
// As a product: rows are input pixels of the batch, columns channels, k runs over the window and the filters.

fn rowOf(m: u32) -> vec4i {
  let image = m / (X_HEIGHT * X_WIDTH);
  let iy = m / X_WIDTH % X_HEIGHT;
  let ix = m % X_WIDTH;
  // A row past the end has no output that reads it.
  let y = select(-1, i32(iy + PAD_TOP), m < M);
  return vec4i(i32(image * Y_SIZE), y, i32(ix + PAD_LEFT), 0);
}

fn columnOf(k: u32) -> vec4i {
  let tap = k / GROUP_FILTERS;
  let f = k % GROUP_FILTERS + group * GROUP_FILTERS;
  return vec4i(i32(tap / KERNEL_X * DILATION_Y), i32(tap % KERNEL_X * DILATION_X), i32(f), 0);
}

fn a(row: vec4i, column: vec4i) -> f32 {
  let sy = row.y - column.x;
  let sx = row.z - column.y;
  if (sy < 0 || sx < 0 || sy % i32(STRIDE_Y) != 0 || sx % i32(STRIDE_X) != 0) { return 0.0; }
  let oy = sy / i32(STRIDE_Y);
  let ox = sx / i32(STRIDE_X);
  if (oy >= i32(Y_HEIGHT) || ox >= i32(Y_WIDTH)) { return 0.0; }
  return dy(u32(row.x + (oy * i32(Y_WIDTH) + ox) * i32(Y_CHANNELS) + column.z));
}

fn channel(k: u32, n: u32, c: u32) -> f32 {
  let tap = k / GROUP_FILTERS;
  let f = k % GROUP_FILTERS + group * GROUP_FILTERS;
  return select(0.0, kernel((tap * N + n + c) * Y_CHANNELS + f), n + c < N);
}

fn b(k: u32, n: u32) -> vec4f {
  return vec4f(channel(k, n, 0u), channel(k, n, 1u), channel(k, n, 2u), channel(k, n, 3u));
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) {
  setDx(m * X_CHANNELS + group * N + n, value);
}
