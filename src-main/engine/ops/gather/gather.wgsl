// x[image, p, c] = (value / divisor − mean[c]) · invStd[c] of the batch's image-th index; zero past the real images and where
// there is no value. Stands behind pixelValue.wgsl.

fn compute(i: u32) {
  let image = i / X_SIZE;
  if (image >= current.count) {
    setX(i, 0.0);
    return;
  }
  let index = u32(batches[current.firstImage + image].x);
  let at = index * X_SIZE + i % X_SIZE;
  let c = i % X_CHANNELS;
  setX(i, select(0.0, (valueAt(at) / divisor(0u) - mean(c)) * invStd(c), isNumber(at)));
}
