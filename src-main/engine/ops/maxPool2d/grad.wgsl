// dx of a pixel = Σ dy of the windows in which it is the first largest (rows before columns).
// Each pixel gathers: it looks at every window that holds it, and at the pixels before it there.

fn at(image: u32, iy: u32, ix: u32, c: u32) -> f32 {
  return x(image * X_SIZE + (iy * X_WIDTH + ix) * X_CHANNELS + c);
}

// No pixel of the window before (iy, ix) is as large.
fn isFirst(image: u32, oy: u32, ox: u32, iy: u32, ix: u32, c: u32, value: f32) -> bool {
  let top = max(oy * STRIDE_Y, PAD_TOP) - PAD_TOP;
  let left = max(ox * STRIDE_X, PAD_LEFT) - PAD_LEFT;
  let right = min(ox * STRIDE_X + POOL_X - PAD_LEFT, X_WIDTH);
  for (var y = top; y <= iy; y++) {
    let end = select(right, ix, y == iy);
    for (var x = left; x < end; x++) {
      if (at(image, y, x, c) >= value) { return false; }
    }
  }
  return true;
}

fn compute(i: u32) {
  let c = i % X_CHANNELS;
  let ix = i / X_CHANNELS % X_WIDTH;
  let iy = i / (X_CHANNELS * X_WIDTH) % X_HEIGHT;
  let image = i / X_SIZE;
  let value = x(i);
  // Windows o with o·stride ≤ i + pad < o·stride + pool.
  let lastY = min((iy + PAD_TOP) / STRIDE_Y, Y_HEIGHT - 1u);
  let lastX = min((ix + PAD_LEFT) / STRIDE_X, Y_WIDTH - 1u);
  let firstY = (max(iy + PAD_TOP + STRIDE_Y, POOL_Y) - POOL_Y) / STRIDE_Y;
  let firstX = (max(ix + PAD_LEFT + STRIDE_X, POOL_X) - POOL_X) / STRIDE_X;
  var sum = 0.0;
  for (var oy = firstY; oy <= lastY; oy++) {
    for (var ox = firstX; ox <= lastX; ox++) {
      let output = image * Y_SIZE + (oy * Y_WIDTH + ox) * Y_CHANNELS + c;
      if (value == y(output) && isFirst(image, oy, ox, iy, ix, c, value)) { sum += dy(output); }
    }
  }
  setDx(i, sum);
}
