// x[image, p, c] = (value / divisor − mean[c]) · invStd[c] of the batch's image-th index; zero past the real images and where
// the value is not a finite number. Values are packed to words, images one after the other.

const NO_DATA = 0x7f800000u;

fn compute(i: u32) {
  let image = i / X_SIZE;
  if (image >= current.count) {
    setX(i, 0.0);
    return;
  }
  let index = u32(batches[current.firstImage + image].x);
  let at = index * X_SIZE + i % X_SIZE;
  var value = 0.0;
  if (current.pixelBytes == 1u) {
    value = f32((images[at / 4u] >> (at % 4u * 8u)) & 255u);
  } else if (current.pixelBytes == 2u) {
    value = f32((images[at / 2u] >> (at % 2u * 16u)) & 65535u);
  } else {
    let bits = images[at];
    if ((bits & NO_DATA) == NO_DATA) {
      setX(i, 0.0);
      return;
    }
    value = bitcast<f32>(bits);
  }
  let c = i % X_CHANNELS;
  setX(i, (value / divisor(0u) - mean(c)) * invStd(c));
}
