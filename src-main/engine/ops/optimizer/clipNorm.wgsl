// Sums of squares of all gradients, PARTS of them, into scratch. A part takes every PARTS-th run of THREADS floats; within it a
// thread adds its own in order, then a tree adds the threads: the order of sums never changes.

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = id.x * THREADS + thread; i < PARAMETERS; i += PARTS * THREADS) {
    sum += gradients[i] * gradients[i];
  }
  sums[thread] = sum;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) { scratch[id.x] = sums[0]; }
}
