// One value of the parameters arena per thread, in PyTorch's order of operations. `gradientOf` adds the weight decay that is
// part of the gradient (all but adamw) to the clipped gradient.

fn gradientOf(i: u32) -> f32 {
  let gradient = clipped(gradients[i]);
  if (WEIGHT_DECAY == 0.0) { return gradient; }
  return gradient + WEIGHT_DECAY * parameters[i];
}
