/** jax-js training one work on its WebAssembly device, the only one it has in Node: jax.mjs WORK. */
import { readFileSync } from 'node:fs'
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { speak } from './speak.mjs'
import { anyImages, classes, works } from './works.mjs'

const [workName = ''] = process.argv.slice(2)
const work = works[workName]
if (!work) throw new Error(`no work is called ${workName}`)

if (!(await init()).includes('wasm')) throw new Error('jax-js has no WebAssembly here')
defaultDevice('wasm')

/** Weights of one layer after another; a map is channels × height × width, as jax-js convolves it. */
function initialWeights() {
  const weights = []
  let [height, width, channels] = work.input
  let features = 0
  const add = (shape, inputs) => {
    const size = shape.reduce((product, length) => product * length, 1)
    const values = Float32Array.from({ length: size }, () => (Math.random() * 2 - 1) / Math.sqrt(inputs))
    weights.push(np.array(values).reshape(shape))
  }
  for (const layer of work.layers) {
    if (layer.type === 'conv') {
      const inputs = channels * layer.kernel ** 2
      add([layer.filters, channels, layer.kernel, layer.kernel], inputs)
      add([layer.filters, 1, 1], inputs)
      channels = layer.filters
      height += 2 * layer.padding - layer.kernel + 1
      width += 2 * layer.padding - layer.kernel + 1
    } else if (layer.type === 'dense') {
      if (features === 0) features = height * width * channels
      add([features, layer.units], features)
      add([layer.units], features)
      features = layer.units
    } else if (layer.type.endsWith('Pool')) {
      height /= 2
      width /= 2
    }
  }
  return weights
}

function logits(weights, x) {
  let next = 0
  let flat = false
  for (const layer of work.layers) {
    if (layer.type === 'conv') {
      const sides = [layer.padding, layer.padding]
      x = lax.convGeneralDilated(x, weights[next++], [1, 1], [sides, sides]).add(weights[next++])
    } else if (layer.type === 'dense') {
      if (!flat) x = x.reshape([work.batch, -1])
      flat = true
      x = np.matmul(x, weights[next++]).add(weights[next++])
    } else if (layer.type === 'avgPool' || layer.type === 'maxPool') {
      const [count, channels, height, width] = x.shape
      const windows = x.reshape([count, channels, height / 2, 2, width / 2, 2])
      x = layer.type === 'avgPool' ? np.mean(windows, [3, 5]) : np.max(windows, [3, 5])
    } else x = layer.type === 'sigmoid' ? nn.sigmoid(x) : nn.relu(x)
  }
  return x
}

const lossAndGradient = valueAndGrad((weights, x, y) => {
  const losses = nn.logSoftmax(logits(weights, x)).mul(y)
  return losses.sum().mul(-1 / work.batch)
})

/** `rate` and `root` carry Adam's corrections of the first steps. */
const trainStep = jit((weights, first, second, rate, root, x, y) => {
  const [loss, gradients] = lossAndGradient(
    weights.map((weight) => weight.ref),
    x,
    y,
  )
  const m = first.map((mean, i) => mean.mul(0.9).add(gradients[i].ref.mul(0.1)))
  const v = second.map((mean, i) => mean.mul(0.999).add(np.square(gradients[i]).mul(0.001)))
  const moved = weights.map((weight, i) => {
    const scale = np.sqrt(v[i].ref).mul(root.ref).add(1e-8)
    return weight.sub(m[i].ref.div(scale).mul(rate.ref))
  })
  rate.dispose()
  root.dispose()
  return [loss, moved, m, v]
})

let weights = initialWeights()
let first = weights.map((weight) => np.zeros(weight.shape))
let second = weights.map((weight) => np.zeros(weight.shape))
const [height, width, channels] = work.input
const batches = anyImages(work).map(({ pixels, labels }) => ({
  x: np.array(pixels).reshape([work.batch, channels, height, width]),
  y: nn.oneHot(np.array(labels), classes),
}))
let done = 0

const packageFile = new URL('../package.json', import.meta.resolve('@jax-js/jax'))
const { version } = JSON.parse(readFileSync(packageFile, 'utf8'))

await speak(`jax-js ${version}, WebAssembly`, async (steps) => {
  for (let step = 0; step < steps; step++) {
    done++
    const { x, y } = batches[step % batches.length]
    const rate = np.array(1e-3 / (1 - 0.9 ** done))
    const root = np.array(1 / Math.sqrt(1 - 0.999 ** done))
    const [loss, ...state] = trainStep(weights, first, second, rate, root, x.ref, y.ref)
    ;[weights, first, second] = state
    if (step === steps - 1) {
      const value = (await loss.data())[0]
      if (!Number.isFinite(value)) throw new Error('the loss is no number')
      await blockUntilReady(weights)
    } else loss.dispose()
  }
})
