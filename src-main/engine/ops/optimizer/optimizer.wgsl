// One value of the parameters arena per thread, in PyTorch's order of operations. `gradientOf` adds the weight decay that is
// part of the gradient (all but adamw).

fn gradientOf(i: u32) -> f32 {
  if (WEIGHT_DECAY == 0.0) { return gradients[i]; }
  return gradients[i] + WEIGHT_DECAY * parameters[i];
}
