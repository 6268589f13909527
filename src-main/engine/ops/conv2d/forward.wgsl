// y[image, oy, ox, f] = bias[f] + Σ over ky, kx, c of x[image, oy·sy + ky·dy − top, ox·sx + kx·dx − left, c] · kernel[ky, kx, c, f]
// As a product: rows are output pixels of the batch, columns filters, k runs over the window and its channels.

alias Rows = vec3i; // start of the image, top left of the window

fn rowsOf(m: u32) -> Rows {
  let image = m / (Y_HEIGHT * Y_WIDTH);
  let oy = m / Y_WIDTH % Y_HEIGHT;
  let ox = m % Y_WIDTH;
  // Rows past the end read nothing: they start below the image.
  let top = select(i32(X_HEIGHT), i32(oy * STRIDE_Y) - i32(PAD_TOP), m < M);
  return Rows(i32(image * X_SIZE), top, i32(ox * STRIDE_X) - i32(PAD_LEFT));
}

// Where x[…, c] of the window's cell `tap` starts, or −1 outside the image.
fn cell(rows: Rows, tap: u32) -> i32 {
  let iy = rows.y + i32(tap / KERNEL_X * DILATION_Y);
  let ix = rows.z + i32(tap % KERNEL_X * DILATION_X);
  let start = rows.x + (iy * i32(X_WIDTH) + ix) * i32(X_CHANNELS) + i32(group * GROUP_CHANNELS);
  // As unsigned numbers negative positions are beyond the far edge too.
  return select(-1, start, (u32(iy) < X_HEIGHT) & (u32(ix) < X_WIDTH));
}

fn a1(rows: Rows, k: u32) -> f32 {
  let start = cell(rows, k / GROUP_CHANNELS);
  return select(0.0, x(u32(max(start, 0)) + k % GROUP_CHANNELS), (start >= 0) & (k < K));
}

fn a4(rows: Rows, k: u32) -> vec4f {
  let start = cell(rows, k / GROUP_CHANNELS);
  return select(vec4f(), x4(u32(max(start, 0)) + k % GROUP_CHANNELS), (start >= 0) & (k < K));
}

fn b1(k: u32, n: u32) -> f32 {
  return select(0.0, kernel(k * Y_CHANNELS + group * N + n), (k < K) & (n < N));
}

fn b4(k: u32, n: u32) -> vec4f {
  return select(vec4f(), kernel4(k * Y_CHANNELS + group * N + n), (k < K) & (n < N));
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) {
  let f = group * N + n;
  setY(m * Y_CHANNELS + f, value + biasOf(f));
}
