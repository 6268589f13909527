// Copies LENGTH channels of every pixel from one map into another.

fn compute(i: u32) {
  let pixel = i / LENGTH;
  let c = i % LENGTH;
  setTarget(pixel * TO_CHANNELS + TO_START + c, source(pixel * FROM_CHANNELS + FROM_START + c));
}
