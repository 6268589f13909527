// y = x inside a border of zeros.

fn compute(i: u32) {
  let c = i % Y_CHANNELS;
  // Positions left of or above x wrap round to huge numbers and fail the comparison too.
  let ix = i / Y_CHANNELS % Y_WIDTH - PAD_LEFT;
  let iy = i / (Y_CHANNELS * Y_WIDTH) % Y_HEIGHT - PAD_TOP;
  let image = i / Y_SIZE;
  var value = 0.0;
  if (iy < X_HEIGHT && ix < X_WIDTH) { value = x(image * X_SIZE + (iy * X_WIDTH + ix) * X_CHANNELS + c); }
  setY(i, value);
}
