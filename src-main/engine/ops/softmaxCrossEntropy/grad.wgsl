// dLogits = (probability − 1 at the label) / real images; zero past the real images and without a label.

fn compute(i: u32) {
  let image = i / CLASSES;
  var gradient = 0.0;
  if (image < current.count) {
    let label = batches[current.firstImage + image].y;
    if (label >= 0) {
      let wanted = select(0.0, 1.0, i % CLASSES == u32(label));
      gradient = (probabilities(i) - wanted) / f32(current.count);
    }
  }
  setDLogits(i, gradient);
}
