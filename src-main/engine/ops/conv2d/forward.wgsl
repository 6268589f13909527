// y[image, oy, ox, f] = bias[f] + Σ over ky, kx, c of x[image, oy·sy + ky·dy − top, ox·sx + kx·dx − left, c] · kernel[ky, kx, c, f]
// As a product: rows are output pixels of the batch, columns filters, k runs over the window and its channels.

fn rowOf(m: u32) -> vec4i {
  let image = m / (Y_HEIGHT * Y_WIDTH);
  let oy = m / Y_WIDTH % Y_HEIGHT;
  let ox = m % Y_WIDTH;
  let iy = i32(oy * STRIDE_Y) - i32(PAD_TOP);
  let ix = i32(ox * STRIDE_X) - i32(PAD_LEFT);
  // Rows past the end read nothing: they start below the image.
  return vec4i(i32(image * X_SIZE), select(i32(X_HEIGHT), iy, m < M), ix, 0);
}

fn columnOf(k: u32) -> vec4i {
  let tap = k / GROUP_CHANNELS;
  let c = k % GROUP_CHANNELS + group * GROUP_CHANNELS;
  return vec4i(i32(tap / KERNEL_X * DILATION_Y), i32(tap % KERNEL_X * DILATION_X), i32(c), 0);
}

fn a(row: vec4i, column: vec4i) -> f32 {
  let iy = row.y + column.x;
  let ix = row.z + column.y;
  // As unsigned numbers negative positions are beyond the far edge too.
  if (u32(iy) >= X_HEIGHT || u32(ix) >= X_WIDTH) { return 0.0; }
  return x(u32(row.x + (iy * i32(X_WIDTH) + ix) * i32(X_CHANNELS) + column.z));
}

fn filter4(k: u32, n: u32, f: u32) -> f32 {
  return select(0.0, kernel(k * Y_CHANNELS + group * N + n + f), n + f < N);
}

fn b(k: u32, n: u32) -> vec4f {
  return vec4f(filter4(k, n, 0u), filter4(k, n, 1u), filter4(k, n, 2u), filter4(k, n, 3u));
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) {
  let f = group * N + n;
  setY(m * Y_CHANNELS + f, value + biasOf(f));
}
