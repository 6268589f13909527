// adamw shrinks the parameter by DECOUPLED_DECAY before anything else; adam has 0 there.
fn compute(i: u32) {
  var parameter = parameters[i];
  let gradient = gradientOf(i);
  if (DECOUPLED_DECAY != 0.0) { parameter *= 1.0 - current.learningRate * DECOUPLED_DECAY; }
  let mean = BETA1 * moment1[i] + ONE_MINUS_BETA1 * gradient;
  let square = BETA2 * moment2[i] + ONE_MINUS_BETA2 * gradient * gradient;
  moment1[i] = mean;
  moment2[i] = square;
  let denominator = sqrt(square) / current.rootCorrection + EPSILON;
  parameters[i] = parameter - current.stepSize * (mean / denominator);
}
