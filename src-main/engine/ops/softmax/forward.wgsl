// y = exp(x − max) / Σ exp(x − max) over the last axis, one row of LENGTH values per thread.

fn compute(row: u32) {
  let start = row * LENGTH;
  var largest = x(start);
  for (var i = 1u; i < LENGTH; i++) { largest = max(largest, x(start + i)); }
  var sum = 0.0;
  for (var i = 0u; i < LENGTH; i++) {
    let value = exp(x(start + i) - largest);
    sum += value;
    setY(start + i, value);
  }
  for (var i = 0u; i < LENGTH; i++) { setY(start + i, y(start + i) / sum); }
}
