// y = (x − mean) · invStd · gamma + beta

fn compute(i: u32) {
  let c = i % CHANNELS;
  setY(i, (x(i) - mean(c)) * invStd(c) * gamma(c) + beta(c));
}
