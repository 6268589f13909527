// Joins the parts' sums and squared deviations into the batch's mean and variance (Chan, Golub & LeVeque 1979: no
// cancellation), in ascending order of parts; then the moving statistics. One channel per thread.

fn compute(c: u32) {
  let rows = current.count * PIXELS;
  var count = 0.0;
  var average = 0.0;
  var squares = 0.0;
  for (var part = 0u; part * ROWS_PER_PART < rows; part++) {
    let place = 2u * (part * CHANNELS + c);
    let partCount = f32(min(ROWS_PER_PART, rows - part * ROWS_PER_PART));
    let delta = scratch[place] / partCount - average;
    let total = count + partCount;
    average += delta * (partCount / total);
    squares += scratch[place + 1u] + delta * delta * (count * (partCount / total));
    count = total;
  }
  let variance = squares / count;
  setMean(c, average);
  setInvStd(c, 1.0 / sqrt(variance + EPSILON));
  setMovingMean(c, MOMENTUM * movingMean(c) + (1.0 - MOMENTUM) * average);
  // The moving variance is unbiased; with a single value there is nothing to unbias.
  let unbiased = squares / max(count - 1.0, 1.0);
  setMovingVariance(c, MOMENTUM * movingVariance(c) + (1.0 - MOMENTUM) * unbiased);
}
