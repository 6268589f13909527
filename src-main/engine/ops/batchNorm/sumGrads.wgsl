// dBeta = Σ dy and dGamma = Σ dy · (x − mean) · invStd, from the parts in ascending order. One channel per thread.

fn compute(c: u32) {
  let rows = current.count * PIXELS;
  var sum = 0.0;
  var weighted = 0.0;
  for (var part = 0u; part * ROWS_PER_PART < rows; part++) {
    let place = 2u * (part * CHANNELS + c);
    sum += scratch[place];
    weighted += scratch[place + 1u];
  }
  setDBeta(c, sum);
  setDGamma(c, weighted);
}
