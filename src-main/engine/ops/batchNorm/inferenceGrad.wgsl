// dx = dy · gamma / √(movingVariance + ε)

fn compute(i: u32) {
  let c = i % CHANNELS;
  setDx(i, dy(i) * gamma(c) / sqrt(movingVariance(c) + EPSILON));
}
