// Each training image changed in a way of its own: variant.ts has the formulas. Stands behind pixelValue.wgsl.

const GOLDEN = 0x9e3779b9u;

fn mix32(start: u32) -> u32 {
  var word = start;
  word ^= word >> 16u;
  word *= 0x7feb352du;
  word ^= word >> 15u;
  word *= 0x846ca68bu;
  word ^= word >> 16u;
  return word;
}

fn byteSum(word: u32) -> u32 {
  return (word & 255u) + ((word >> 8u) & 255u) + ((word >> 16u) & 255u) + (word >> 24u);
}

// The sum of the eight bytes of two random words, less its mean.
fn noiseSteps(i: u32, key: u32) -> f32 {
  let first = mix32(mix32(i + GOLDEN) ^ key);
  let second = mix32(first + GOLDEN);
  return f32(i32(byteSum(first) + byteSum(second)) - 1020);
}

fn compute(i: u32) {
  let image = i / X_SIZE;
  if (image >= current.count) {
    setX(i, 0.0);
    return;
  }
  let entry = current.firstImage + image;
  let first = u32(batches[entry].x) * X_SIZE;
  // Row: start, by r, by c. Column: start; by r, by c. Noise key, gain; offset.
  let a = variants[3u * entry];
  let b = variants[3u * entry + 1u];
  let offset = bitcast<f32>(variants[3u * entry + 2u].x);
  let element = i % X_SIZE;
  let band = element % X_CHANNELS;
  let r = i32(element / (X_CHANNELS * X_WIDTH));
  let c = i32(element / X_CHANNELS % X_WIDTH);
  let row = clamp(a.x + r * a.y + c * a.z, 0, i32(X_HEIGHT - 1u) << 16u);
  let column = clamp(a.w + r * b.x + c * b.y, 0, i32(X_WIDTH - 1u) << 16u);
  let top = first + u32(row >> 16u) * X_WIDTH * X_CHANNELS + band;
  let left = u32(column >> 16u) * X_CHANNELS;
  var finite = isNumber(top + left);
  var value = valueAt(top + left);
  if (BETWEEN == 1u) {
    let bottom = first + u32((row + 65535) >> 16u) * X_WIDTH * X_CHANNELS + band;
    let right = u32((column + 65535) >> 16u) * X_CHANNELS;
    finite = finite && isNumber(top + right) && isNumber(bottom + left) && isNumber(bottom + right);
    let rowPart = f32(row & 65535) / 65536.0;
    let columnPart = f32(column & 65535) / 65536.0;
    let right0 = valueAt(top + right);
    let left1 = valueAt(bottom + left);
    let right1 = valueAt(bottom + right);
    let above = value + (right0 - value) * columnPart;
    let below = left1 + (right1 - left1) * columnPart;
    value = above + (below - above) * rowPart;
  }
  var x = (value / divisor(0u) - mean(band)) * invStd(band) * bitcast<f32>(b.w) + offset;
  if (NOISE > 0.0) {
    x += NOISE * noiseSteps(element, bitcast<u32>(b.z));
  }
  setX(i, select(0.0, x, finite));
}
