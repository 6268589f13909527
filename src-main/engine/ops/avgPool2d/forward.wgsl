// y = mean of the window's real pixels; padding counts neither in the sum nor in the divisor.

fn compute(i: u32) {
  let c = i % Y_CHANNELS;
  let ox = i / Y_CHANNELS % Y_WIDTH;
  let oy = i / (Y_CHANNELS * Y_WIDTH) % Y_HEIGHT;
  let image = i / Y_SIZE;
  let top = max(oy * STRIDE_Y, PAD_TOP) - PAD_TOP;
  let left = max(ox * STRIDE_X, PAD_LEFT) - PAD_LEFT;
  let bottom = min(oy * STRIDE_Y + POOL_Y - PAD_TOP, X_HEIGHT);
  let right = min(ox * STRIDE_X + POOL_X - PAD_LEFT, X_WIDTH);
  var sum = 0.0;
  for (var iy = top; iy < bottom; iy++) {
    for (var ix = left; ix < right; ix++) {
      sum += x(image * X_SIZE + (iy * X_WIDTH + ix) * X_CHANNELS + c);
    }
  }
  setY(i, sum / f32((bottom - top) * (right - left)));
}
