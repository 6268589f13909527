// dx[image, p, c] = dy[image, c] / pixels

fn compute(i: u32) {
  setDx(i, dy(i / X_SIZE * X_CHANNELS + i % X_CHANNELS) / f32(X_HEIGHT * X_WIDTH));
}
