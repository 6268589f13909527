// dKernel[ky, kx, c, f] = Σ over image, oy, ox of x[image, oy·sy + ky·dy − top, ox·sx + kx·dx − left, c] · dy[image, oy, ox, f]
// As a product: rows are the window and its channels, columns filters, k runs over the output pixels of the real images.
// With a bias there is one more row, where x is 1 everywhere: dBias[f] = Σ dy.

alias Rows = vec4i; // of one row: window cell's offset down and across, channel, 1 in the bias row

fn rowsOf(m: u32) -> Rows {
  let tap = m / GROUP_CHANNELS;
  let c = m % GROUP_CHANNELS + group * GROUP_CHANNELS;
  let down = i32(tap / KERNEL_X * DILATION_Y) - i32(PAD_TOP);
  let across = i32(tap % KERNEL_X * DILATION_X) - i32(PAD_LEFT);
  return Rows(down, across, i32(c), select(0, 1, m >= KERNEL_ROWS));
}

// The pixel's image start, and its window's top left without padding.
fn pixelOf(k: u32) -> vec3i {
  let image = k / (Y_HEIGHT * Y_WIDTH);
  let oy = k / Y_WIDTH % Y_HEIGHT;
  let ox = k % Y_WIDTH;
  return vec3i(i32(image * X_SIZE), i32(oy * STRIDE_Y), i32(ox * STRIDE_X));
}

// Where x[…, c] is, or −1 outside the image and in the bias row.
fn cell(row: Rows, pixel: vec3i) -> i32 {
  let iy = row.x + pixel.y;
  let ix = row.y + pixel.z;
  let place = pixel.x + (iy * i32(X_WIDTH) + ix) * i32(X_CHANNELS) + row.z;
  return select(-1, place, (row.w == 0) & (u32(iy) < X_HEIGHT) & (u32(ix) < X_WIDTH));
}

fn a1(row: Rows, k: u32) -> f32 {
  let place = cell(row, pixelOf(k));
  return select(0.0, select(f32(row.w), x(u32(max(place, 0))), place >= 0), k < depth());
}

// Four channels of one window cell, or the bias row and what is past the end.
fn a4(row: Rows, k: u32) -> vec4f {
  let place = cell(row, pixelOf(k));
  return select(vec4f(), select(vec4f(f32(row.w)), x4(u32(max(place, 0))), place >= 0), k < depth());
}

fn b1(k: u32, n: u32) -> f32 {
  return select(0.0, dy(k * Y_CHANNELS + group * N + n), (k < depth()) & (n < N));
}

fn b4(k: u32, n: u32) -> vec4f {
  return select(vec4f(), dy4(k * Y_CHANNELS + group * N + n), (k < depth()) & (n < N));
}

fn depth() -> u32 { return current.count * (Y_HEIGHT * Y_WIDTH); }

fn store(m: u32, n: u32, value: f32) {
  let f = group * N + n;
  if (m < KERNEL_ROWS) { setDKernel(m * Y_CHANNELS + f, value); } else { storeBias(f, value); }
}
