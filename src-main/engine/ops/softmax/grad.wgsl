// dx = y · (dy − Σ y·dy) over the last axis, one row of LENGTH values per thread.

fn compute(row: u32) {
  let start = row * LENGTH;
  var sum = 0.0;
  for (var i = 0u; i < LENGTH; i++) { sum += y(start + i) * dy(start + i); }
  for (var i = 0u; i < LENGTH; i++) { setDx(start + i, y(start + i) * (dy(start + i) - sum)); }
}
