// dKernel[ky, kx, c, f] = Σ over image, oy, ox of x[image, oy·sy + ky·dy − top, ox·sx + kx·dx − left, c] · dy[image, oy, ox, f]
// As a product: rows are the window and its channels, columns filters, k runs over the output pixels of the real images.
// With a bias there is one more row, where x is 1 everywhere: dBias[f] = Σ dy.

fn rowOf(m: u32) -> vec4i {
  let tap = m / GROUP_CHANNELS;
  let c = m % GROUP_CHANNELS + group * GROUP_CHANNELS;
  let y = i32(tap / KERNEL_X * DILATION_Y) - i32(PAD_TOP);
  let x = i32(tap % KERNEL_X * DILATION_X) - i32(PAD_LEFT);
  return vec4i(y, x, i32(c), select(0, 1, m >= KERNEL_ROWS));
}

fn columnOf(k: u32) -> vec4i {
  let image = k / (Y_HEIGHT * Y_WIDTH);
  let oy = k / Y_WIDTH % Y_HEIGHT;
  let ox = k % Y_WIDTH;
  return vec4i(i32(image * X_SIZE), i32(oy * STRIDE_Y), i32(ox * STRIDE_X), 0);
}

fn a(row: vec4i, column: vec4i) -> f32 {
  if (row.w == 1) { return 1.0; }
  let iy = row.x + column.y;
  let ix = row.y + column.z;
  if (u32(iy) >= X_HEIGHT || u32(ix) >= X_WIDTH) { return 0.0; }
  return x(u32(column.x + (iy * i32(X_WIDTH) + ix) * i32(X_CHANNELS) + row.z));
}

fn filter4(k: u32, n: u32, f: u32) -> f32 {
  return select(0.0, dy(k * Y_CHANNELS + group * N + n + f), n + f < N);
}

fn b(k: u32, n: u32) -> vec4f {
  return vec4f(filter4(k, n, 0u), filter4(k, n, 1u), filter4(k, n, 2u), filter4(k, n, 3u));
}

fn depth() -> u32 { return current.count * (Y_HEIGHT * Y_WIDTH); }

fn store(m: u32, n: u32, value: f32) {
  let f = group * N + n;
  if (m < KERNEL_ROWS) { setDKernel(m * Y_CHANNELS + f, value); } else { storeBias(f, value); }
}
