// dx[image, iy, ix, c] = Σ over ky, kx, f of dy[image, oy, ox, f] · kernel[ky, kx, c, f], where oy·sy + ky·dy − top = iy
// (and the same across): each input pixel gathers from the outputs that read it, so nothing is added atomically.
// As a product: rows are input pixels of the batch, columns channels, k runs over the window and the filters.

alias Rows = vec3i; // start of the image, pixel with the padding before it

fn rowsOf(m: u32) -> Rows {
  let image = m / (X_HEIGHT * X_WIDTH);
  let iy = m / X_WIDTH % X_HEIGHT;
  let ix = m % X_WIDTH;
  // A row past the end has no output that reads it.
  return Rows(i32(image * Y_SIZE), select(-1, i32(iy + PAD_TOP), m < M), i32(ix + PAD_LEFT));
}

// Where dy[…, f] starts of the output that reads the pixel through the window's cell `tap`, or −1 if none does.
fn cell(rows: Rows, tap: u32) -> i32 {
  // Negative positions become huge ones, beyond the last output.
  let sy = u32(rows.y - i32(tap / KERNEL_X * DILATION_Y));
  let sx = u32(rows.z - i32(tap % KERNEL_X * DILATION_X));
  let oy = sy / STRIDE_Y;
  let ox = sx / STRIDE_X;
  let read = (oy < Y_HEIGHT) & (ox < Y_WIDTH) & (oy * STRIDE_Y == sy) & (ox * STRIDE_X == sx);
  let start = u32(rows.x) + (oy * Y_WIDTH + ox) * Y_CHANNELS + group * GROUP_FILTERS;
  return select(-1, i32(start), read);
}

fn a1(rows: Rows, k: u32) -> f32 {
  let start = cell(rows, k / GROUP_FILTERS);
  return select(0.0, dy(u32(max(start, 0)) + k % GROUP_FILTERS), (start >= 0) & (k < K));
}

fn a4(rows: Rows, k: u32) -> vec4f {
  let start = cell(rows, k / GROUP_FILTERS);
  return select(vec4f(), dy4(u32(max(start, 0)) + k % GROUP_FILTERS), (start >= 0) & (k < K));
}

// Place of kernel[tap, n, f] for k = (tap, f).
fn weightAt(k: u32, n: u32) -> u32 {
  let tap = k / GROUP_FILTERS;
  return (tap * N + n) * Y_CHANNELS + group * GROUP_FILTERS + k % GROUP_FILTERS;
}

fn b1(k: u32, n: u32) -> f32 {
  return select(0.0, kernel(weightAt(k, n)), (k < K) & (n < N));
}

fn b4(k: u32, n: u32) -> vec4f {
  return select(vec4f(), kernel4(weightAt(k, n)), (k < K) & (n < N));
}

fn depth() -> u32 { return K; }

fn store(m: u32, n: u32, value: f32) {
  setDx(m * X_CHANNELS + group * N + n, value);
}
