// y[image, c] = mean of the map's channel c, summed in row order.

fn compute(i: u32) {
  let image = i / X_CHANNELS;
  let c = i % X_CHANNELS;
  var sum = 0.0;
  for (var p = 0u; p < X_HEIGHT * X_WIDTH; p++) { sum += x(image * X_SIZE + p * X_CHANNELS + c); }
  setY(i, sum / f32(X_HEIGHT * X_WIDTH));
}
