fn compute(i: u32) {
  let gradient = gradientOf(i);
  let square = ALPHA * moment2[i] + ONE_MINUS_ALPHA * gradient * gradient;
  moment2[i] = square;
  parameters[i] -= current.learningRate * scaled(i, gradient / (sqrt(square) + EPSILON));
}
