// dx of a pixel = Σ dy / (real pixels of the window) over the windows that hold it.

fn cells(o: u32, stride: u32, pool: u32, pad: u32, size: u32) -> u32 {
  return min(o * stride + pool - pad, size) - (max(o * stride, pad) - pad);
}

fn compute(i: u32) {
  let c = i % X_CHANNELS;
  let ix = i / X_CHANNELS % X_WIDTH;
  let iy = i / (X_CHANNELS * X_WIDTH) % X_HEIGHT;
  let image = i / X_SIZE;
  let lastY = min((iy + PAD_TOP) / STRIDE_Y, Y_HEIGHT - 1u);
  let lastX = min((ix + PAD_LEFT) / STRIDE_X, Y_WIDTH - 1u);
  let firstY = (max(iy + PAD_TOP + STRIDE_Y, POOL_Y) - POOL_Y) / STRIDE_Y;
  let firstX = (max(ix + PAD_LEFT + STRIDE_X, POOL_X) - POOL_X) / STRIDE_X;
  var sum = 0.0;
  for (var oy = firstY; oy <= lastY; oy++) {
    let height = cells(oy, STRIDE_Y, POOL_Y, PAD_TOP, X_HEIGHT);
    for (var ox = firstX; ox <= lastX; ox++) {
      let width = cells(ox, STRIDE_X, POOL_X, PAD_LEFT, X_WIDTH);
      sum += dy(image * Y_SIZE + (oy * Y_WIDTH + ox) * Y_CHANNELS + c) / f32(height * width);
    }
  }
  setDx(i, sum);
}
