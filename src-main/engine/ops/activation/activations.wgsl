// Each activation and, below it, its derivative. Derivatives take y where y suffices, gelu's takes x.
// Written so that nothing overflows: every exp() has an argument ≤ 0 (WGSL leaves infinities and tanh's precision open).

fn relu(x: f32) -> f32 { return max(x, 0.0); }
fn reluGrad(y: f32) -> f32 { return select(0.0, 1.0, y > 0.0); }

fn leakyRelu(x: f32) -> f32 { return select(ALPHA * x, x, x > 0.0); }
fn leakyReluGrad(y: f32) -> f32 { return select(ALPHA, 1.0, y > 0.0); }

// exp(x) − 1 for x ≤ 0; near zero by its series, where the subtraction would cancel.
fn expMinus1(x: f32) -> f32 {
  if (x < -0.25) { return exp(x) - 1.0; }
  return x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 + x * (1.0 / 720.0))))));
}

fn elu(x: f32) -> f32 { return select(ALPHA * expMinus1(min(x, 0.0)), x, x > 0.0); }
fn eluGrad(y: f32) -> f32 { return select(y + ALPHA, 1.0, y > 0.0); }

fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
fn sigmoidGrad(y: f32) -> f32 { return y * (1.0 - y); }

fn tanhOf(x: f32) -> f32 {
  let positive = abs(x);
  let minus = expMinus1(-2.0 * positive);
  return sign(x) * -minus / (minus + 2.0);
}
fn tanhOfGrad(y: f32) -> f32 { return 1.0 - y * y; }

// log(1 + exp(β·x)) / β
fn softplus(x: f32) -> f32 { return max(x, 0.0) + log(1.0 + exp(-abs(ALPHA * x))) / ALPHA; }
fn softplusGrad(y: f32) -> f32 { return -expMinus1(-ALPHA * y); }

// erf.ts's rational, with its coefficients.
fn erf(value: f32) -> f32 {
  let x = clamp(value, -ERF_CLAMP, ERF_CLAMP);
  let square = x * x;
  var above = ERF_NUMERATOR[0];
  for (var i = 1u; i < ERF_NUMERATOR_LENGTH; i++) { above = above * square + ERF_NUMERATOR[i]; }
  var below = ERF_DENOMINATOR[0];
  for (var i = 1u; i < ERF_DENOMINATOR_LENGTH; i++) { below = below * square + ERF_DENOMINATOR[i]; }
  return x * above / below;
}

const ROOT_HALF = 0.70710678118654752;
const ROOT_TWO_PI = 2.50662827463100050;

fn gelu(x: f32) -> f32 { return 0.5 * x * (1.0 + erf(x * ROOT_HALF)); }
fn geluGrad(x: f32) -> f32 {
  return 0.5 * (1.0 + erf(x * ROOT_HALF)) + x * exp(-0.5 * x * x) / ROOT_TWO_PI;
}
