// dLogits = (all · probability − own · [at the label] − rest · weight of the class) / divisor, where own = (1 − SMOOTHING) · weight of
// the label, rest = SMOOTHING / CLASSES and all = own + rest · weights of all classes; without smoothing and weights
// (probability − [at the label]) / real images. Zero past the real images and without a label.

fn compute(i: u32) {
  let image = i / CLASSES;
  var gradient = 0.0;
  if (image < current.count) {
    let label = batches[current.firstImage + image].y;
    if (label >= 0) {
      let c = i % CLASSES;
      let own = (1.0 - SMOOTHING) * weightOf(u32(label));
      let rest = SMOOTHING / f32(CLASSES);
      let wanted = select(0.0, own, c == u32(label)) + rest * weightOf(c);
      gradient = ((own + rest * allWeights()) * probabilities(i) - wanted) / divisor();
    }
  }
  setDLogits(i, gradient);
}
