fn compute(i: u32) {
  parameters[i] -= current.learningRate * gradientOf(i);
}
