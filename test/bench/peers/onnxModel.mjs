/** A work with random weights as an ONNX file, written by hand: the format is a few nested protobuf messages (onnx.proto3). */

/** Field types of protobuf's wire format. */
const varint = 0
const delimited = 2

/** @param {number} value A whole number of at least 0. */
function number(value) {
  const bytes = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}

/** A field of a message: a whole number, a text, or bytes (of a message too). @param {number} id @param {number | string | Uint8Array} value */
function field(id, value) {
  if (typeof value === 'number') return Buffer.concat([number(id * 8 + varint), number(value)])
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([number(id * 8 + delimited), number(bytes.length), bytes])
}

/** @param {readonly Uint8Array[]} fields */
const message = (...fields) => Buffer.concat(fields)

const floatType = 1
const integersType = 7
const integerType = 2

/** @param {string} name @param {number | readonly number[]} value */
function attribute(name, value) {
  return typeof value === 'number'
    ? message(field(1, name), field(3, value), field(20, integerType))
    : message(field(1, name), ...value.map((one) => field(8, one)), field(20, integersType))
}

/** @param {string} op @param {readonly string[]} inputs @param {string} output @param {Readonly<Record<string, number | readonly number[]>>} attributes */
function node(op, inputs, output, attributes = {}) {
  const given = Object.entries(attributes).map(([name, value]) => field(5, attribute(name, value)))
  return message(...inputs.map((input) => field(1, input)), field(2, output), field(4, op), ...given)
}

/** @param {string} name @param {readonly number[]} shape @param {number} inputs Of one unit, for the range of the values. */
function randomTensor(name, shape, inputs) {
  const size = shape.reduce((product, length) => product * length, 1)
  const values = Float32Array.from({ length: size }, () => (Math.random() * 2 - 1) / Math.sqrt(inputs))
  const dimensions = shape.map((length) => field(1, length))
  return message(...dimensions, field(2, floatType), field(8, name), field(9, new Uint8Array(values.buffer)))
}

/** @param {string} name @param {readonly number[]} shape */
function valueInfo(name, shape) {
  const dimensions = shape.map((length) => field(1, field(1, length)))
  return message(
    field(1, name),
    field(2, field(1, message(field(1, floatType), field(2, message(...dimensions))))),
  )
}

/** Input `image` (1 × channels × height × width), output `probabilities`. @param {import('./works.mjs').Work} work */
export function onnxModel({ input: [height, width, channels], layers }) {
  /** @type {Buffer[]} */
  const nodes = []
  /** @type {Buffer[]} */
  const weights = []
  let shape = [channels, height, width]
  let last = 'image'
  /** @param {string} op @param {readonly string[]} more @param {Readonly<Record<string, number | readonly number[]>>} attributes */
  const add = (op, more = [], attributes = {}) => {
    const output = `y${nodes.length}`
    nodes.push(node(op, [last, ...more], output, attributes))
    last = output
  }
  /** @param {number} units @param {readonly number[]} kernel */
  const addWeights = (units, kernel) => {
    const inputs = kernel.reduce((product, length) => product * length, 1)
    const names = [`w${nodes.length}`, `b${nodes.length}`]
    weights.push(randomTensor(names[0], [units, ...kernel], inputs), randomTensor(names[1], [units], inputs))
    return names
  }
  for (const layer of layers) {
    if (layer.type === 'conv') {
      const { filters, kernel, padding } = layer
      const names = addWeights(filters, [shape[0], kernel, kernel])
      add('Conv', names, { pads: Array(4).fill(padding) })
      shape = [filters, ...shape.slice(1).map((length) => length + 2 * padding - kernel + 1)]
    } else if (layer.type === 'dense') {
      if (shape.length > 1) add('Flatten')
      const names = addWeights(layer.units, [shape.reduce((product, length) => product * length, 1)])
      add('Gemm', names, { transB: 1 })
      shape = [layer.units]
    } else if (layer.type === 'avgPool' || layer.type === 'maxPool') {
      const op = layer.type === 'avgPool' ? 'AveragePool' : 'MaxPool'
      add(op, [], { kernel_shape: [2, 2], strides: [2, 2] })
      shape = [shape[0], ...shape.slice(1).map((length) => Math.floor(length / 2))]
    } else add(layer.type === 'sigmoid' ? 'Sigmoid' : 'Relu')
  }
  nodes.push(node('Softmax', [last], 'probabilities'))
  const graph = message(
    ...nodes.map((one) => field(1, one)),
    field(2, 'network'),
    ...weights.map((tensor) => field(5, tensor)),
    field(11, valueInfo('image', [1, channels, height, width])),
    field(12, valueInfo('probabilities', [1, ...shape])),
  )
  // IR version 8, operators of set 13.
  return message(field(1, 8), field(7, graph), field(8, field(2, 13)))
}
