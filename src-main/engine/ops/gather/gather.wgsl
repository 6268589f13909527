// x[image, p, c] = (byte / 255 − mean[c]) · invStd[c] of the batch's image-th index; zero past the real images.
// Bytes are packed four to a word, images one after the other.

fn compute(i: u32) {
  let image = i / X_SIZE;
  if (image >= current.count) {
    setX(i, 0.0);
    return;
  }
  let index = u32(batches[current.firstImage + image].x);
  let byte = index * X_SIZE + i % X_SIZE;
  let value = f32((images[byte / 4u] >> (byte % 4u * 8u)) & 255u);
  let c = i % X_CHANNELS;
  setX(i, (value / 255.0 - mean(c)) * invStd(c));
}
