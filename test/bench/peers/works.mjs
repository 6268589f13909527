/** The works of src-main/bench/works.ts, as the peers written in JavaScript build them. Images are height × width × channels. */

/**
 * `conv` pads with zeros on each side and has stride 1; pools are 2×2; a dense layer takes the flattened map.
 * @typedef {{ type: 'conv', filters: number, kernel: number, padding: number } | { type: 'dense', units: number }
 *   | { type: 'sigmoid' | 'relu' | 'avgPool' | 'maxPool' }} Layer
 * @typedef {{ batch: number, input: readonly [number, number, number], layers: readonly Layer[] }} Work
 */

export const classes = 10

/** @type {(filters: number, kernel: number, padding?: number) => Layer} */
const conv = (filters, kernel, padding = 0) => ({ type: 'conv', filters, kernel, padding })
/** @type {(units: number) => Layer} */
const dense = (units) => ({ type: 'dense', units })
/** @type {(type: 'sigmoid' | 'relu' | 'avgPool' | 'maxPool') => Layer} */
const plain = (type) => ({ type })

/** @type {Work} */
const lenet = {
  batch: 64,
  input: [28, 28, 1],
  layers: [
    ...[conv(6, 5, 2), plain('sigmoid'), plain('avgPool')],
    ...[conv(16, 5), plain('sigmoid'), plain('avgPool')],
    ...[dense(120), plain('sigmoid'), dense(84), plain('sigmoid'), dense(classes)],
  ],
}

/** @param {number} size @returns {Work} */
function vgg(size) {
  const stages = [[32, 32], [64, 64], [128]].flatMap((stage) => [
    ...stage.flatMap((filters) => [conv(filters, 3, 1), plain('relu')]),
    plain('maxPool'),
  ])
  return {
    batch: 32,
    input: [size, size, 3],
    layers: [...stages, dense(128), plain('relu'), dense(classes)],
  }
}

/** @type {Readonly<Record<string, Work>>} */
export const works = { 'lenet-b64': lenet, 'vgg32-b32': vgg(32), 'vgg64-b32': vgg(64) }

/** Any pixels and labels of four batches. @param {Work} work */
export function anyImages({ batch, input }) {
  return Array.from({ length: 4 }, (_, part) => ({
    pixels: Float32Array.from({ length: batch * input[0] * input[1] * input[2] }, () => Math.random()),
    labels: Int32Array.from({ length: batch }, (_, i) => ((part * batch + i) * 7) % classes),
  }))
}
