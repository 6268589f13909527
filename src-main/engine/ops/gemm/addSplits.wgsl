// Second pass of a product whose k was split: adds the splits in ascending order.

var<private> group: u32;

fn compute(i: u32) {
  var sum = 0.0;
  for (var split = 0u; split < SPLITS; split++) { sum += scratch[split * (GROUPS * M * N) + i]; }
  group = i / (M * N);
  store(i / N % M, i % N, sum);
}
