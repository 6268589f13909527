// dx = dy without the border.

fn compute(i: u32) {
  let c = i % X_CHANNELS;
  let ox = i / X_CHANNELS % X_WIDTH + PAD_LEFT;
  let oy = i / (X_CHANNELS * X_WIDTH) % X_HEIGHT + PAD_TOP;
  let image = i / X_SIZE;
  setDx(i, dy(image * Y_SIZE + (oy * Y_WIDTH + ox) * Y_CHANNELS + c));
}
