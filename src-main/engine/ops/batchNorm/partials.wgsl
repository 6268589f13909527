// First pass of every sum over the pixels of the real images, per channel. Rows are pixels, ROWS_PER_PART to a workgroup,
// CHANNELS_AT_ONCE channels side by side so that neighbouring threads read neighbouring floats.
// The operation gives `fn first(i: u32, c: u32) -> f32` and `fn second(i: u32, c: u32, firstMean: f32) -> f32`;
// the part's sums of both go to scratch[part][channel] as a pair.

const LANES = THREADS / CHANNELS_AT_ONCE;

var<workgroup> sums: array<f32, THREADS>;

// Sum over the lanes of each channel, in a tree; every thread gets its channel's.
fn addLanes(thread: u32, value: f32) -> f32 {
  workgroupBarrier();
  sums[thread] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread / CHANNELS_AT_ONCE < half) { sums[thread] += sums[thread + half * CHANNELS_AT_ONCE]; }
  }
  workgroupBarrier();
  return sums[thread % CHANNELS_AT_ONCE];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let c = id.y * CHANNELS_AT_ONCE + thread % CHANNELS_AT_ONCE;
  let rows = current.count * PIXELS;
  let start = min(id.x * ROWS_PER_PART, rows);
  let end = min(start + ROWS_PER_PART, rows);
  let lane = thread / CHANNELS_AT_ONCE;

  var sum = 0.0;
  if (c < CHANNELS) {
    for (var row = start + lane; row < end; row += LANES) { sum += first(row * CHANNELS + c, c); }
  }
  let total = addLanes(thread, sum);
  let mean = total / f32(max(end - start, 1u));

  sum = 0.0;
  if (c < CHANNELS) {
    for (var row = start + lane; row < end; row += LANES) { sum += second(row * CHANNELS + c, c, mean); }
  }
  let secondTotal = addLanes(thread, sum);

  if (c < CHANNELS && lane == 0u) {
    let place = 2u * (id.x * CHANNELS + c);
    scratch[place] = total;
    scratch[place + 1u] = secondTotal;
  }
}
