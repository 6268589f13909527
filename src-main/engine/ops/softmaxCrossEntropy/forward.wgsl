// Softmax over the classes, and the step's loss: the (weighted) mean over its real images of −log(probability of the label), with
// SMOOTHING a share of all classes' such terms; and the count of those whose first largest probability is at the label.
// An image without a label (−1) adds to neither. One workgroup for the whole batch: images in strides of THREADS, then a tree,
// so the order of sums never changes. `weightOf(class)` is 1 without weights; `keepSums` then does nothing.

var<workgroup> lossOf: array<f32, THREADS>;
var<workgroup> weightsOf: array<f32, THREADS>;
var<workgroup> correctOf: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var loss = 0.0;
  var weights = 0.0;
  var correct = 0.0;
  for (var image = thread; image < BATCH; image += THREADS) {
    let start = image * CLASSES;
    var largest = logits(start);
    var place = 0u;
    for (var c = 1u; c < CLASSES; c++) {
      let value = logits(start + c);
      if (value > largest) {
        largest = value;
        place = c;
      }
    }
    var sum = 0.0;
    for (var c = 0u; c < CLASSES; c++) { sum += exp(logits(start + c) - largest); }
    for (var c = 0u; c < CLASSES; c++) {
      let probability = exp(logits(start + c) - largest) / sum;
      setProbabilities(start + c, probability);
      if (image < current.count) {
        results[RESULT_BASE + (current.firstImage + image) * CLASSES + c] = probability;
      }
    }
    if (image < current.count) {
      let label = batches[current.firstImage + image].y;
      if (label >= 0) {
        var own = weightOf(u32(label)) * (log(sum) + largest - logits(start + u32(label)));
        if (SMOOTHING > 0.0) {
          var all = 0.0;
          for (var c = 0u; c < CLASSES; c++) {
            all += weightOf(c) * (log(sum) + largest - logits(start + c));
          }
          own = (1.0 - SMOOTHING) * own + SMOOTHING / f32(CLASSES) * all;
        }
        loss += own;
        weights += weightOf(u32(label));
        correct += select(0.0, 1.0, place == u32(label));
      } else {
        weights += 1.0;
      }
    }
  }
  lossOf[thread] = loss;
  weightsOf[thread] = weights;
  correctOf[thread] = correct;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      lossOf[thread] += lossOf[thread + half];
      weightsOf[thread] += weightsOf[thread + half];
      correctOf[thread] += correctOf[thread + half];
    }
  }
  if (thread == 0u) {
    results[2u * current.slot] = lossOf[0] / weightsOf[0];
    results[2u * current.slot + 1u] = correctOf[0];
    keepSums(weightsOf[0]);
  }
}
