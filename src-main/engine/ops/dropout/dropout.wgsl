// y = kept ? x · scale : 0, for the forward and (with dy and dx) the backward pass. The mask is dropoutMask.ts's, bit for bit.

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

fn compute(i: u32) {
  let key = mix32(mix32(mix32(SEED + GOLDEN) + STREAM + GOLDEN) + current.number + GOLDEN);
  let kept = mix32(mix32(i + GOLDEN) ^ key) >= THRESHOLD;
  setTarget(i, select(0.0, source(i) * SCALE, kept));
}
