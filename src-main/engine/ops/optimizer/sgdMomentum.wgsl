fn compute(i: u32) {
  let gradient = gradientOf(i);
  let buffer = MOMENTUM * moment1[i] + gradient;
  moment1[i] = buffer;
  let direction = select(buffer, gradient + MOMENTUM * buffer, NESTEROV == 1u);
  parameters[i] -= current.learningRate * direction;
}
