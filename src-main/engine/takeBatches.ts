/** Up to `steps` batches of an order, from image `first` on; the last batch of the order may be short. */
export function takeBatches(
  order: Uint32Array,
  first: number,
  batchSize: number,
  steps: number,
): { counts: Uint32Array; indices: Uint32Array } {
  const indices = order.slice(first, first + steps * batchSize)
  const counts = Uint32Array.from({ length: Math.ceil(indices.length / batchSize) }, (_, i) =>
    Math.min(batchSize, indices.length - i * batchSize),
  )
  return { counts, indices }
}
