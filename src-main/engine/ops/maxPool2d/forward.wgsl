// y = the largest x of each window; padding does not count.

fn compute(i: u32) {
  let c = i % Y_CHANNELS;
  let ox = i / Y_CHANNELS % Y_WIDTH;
  let oy = i / (Y_CHANNELS * Y_WIDTH) % Y_HEIGHT;
  let image = i / Y_SIZE;
  // The window of one output, cut to the map (both ends exclusive of padding).
  let top = max(oy * STRIDE_Y, PAD_TOP) - PAD_TOP;
  let left = max(ox * STRIDE_X, PAD_LEFT) - PAD_LEFT;
  let bottom = min(oy * STRIDE_Y + POOL_Y - PAD_TOP, X_HEIGHT);
  let right = min(ox * STRIDE_X + POOL_X - PAD_LEFT, X_WIDTH);
  var largest = -3.4028234e38;
  for (var iy = top; iy < bottom; iy++) {
    for (var ix = left; ix < right; ix++) {
      largest = max(largest, x(image * X_SIZE + (iy * X_WIDTH + ix) * X_CHANNELS + c));
    }
  }
  setY(i, largest);
}
