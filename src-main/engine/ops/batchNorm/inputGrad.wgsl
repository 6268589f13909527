// dx = gamma · invStd · (dy − (dBeta + x̂ · dGamma) / n), x̂ = (x − mean) · invStd, n = values per channel in the batch.
// Images past the real ones took no part, so their gradient is zero.

fn compute(i: u32) {
  let c = i % CHANNELS;
  if (i / (CHANNELS * PIXELS) >= current.count) {
    setDx(i, 0.0);
    return;
  }
  let n = f32(current.count * PIXELS);
  let normalised = (x(i) - mean(c)) * invStd(c);
  setDx(i, gamma(c) * invStd(c) * (dy(i) - (dBeta(c) + normalised * dGamma(c)) / n));
}
