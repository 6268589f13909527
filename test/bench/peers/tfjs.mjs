/** TensorFlow.js training one work: tfjs.mjs WORK cpu|webgpu. WebGPU is Dawn's, from the package `webgpu`, as in our own executor. */
import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { speak } from './speak.mjs'
import { anyImages, classes, works } from './works.mjs'

const [workName = '', backend = 'cpu'] = process.argv.slice(2)
const work = works[workName]
if (!work) throw new Error(`no work is called ${workName}`)

/** Makes this process look like a browser to the WebGPU backend, which finds its device there. */
async function giveNavigatorGpu() {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu: create(['enable-dawn-features=disable_workgroup_init']) },
    configurable: true,
  })
}

/** @param {import('./works.mjs').Work} work */
function build({ input, layers: wanted }) {
  const net = layers.sequential()
  net.add(layers.layers.inputLayer({ inputShape: [...input] }))
  let flat = false
  for (const layer of wanted) {
    if (layer.type === 'conv') {
      const { filters, kernel: kernelSize, padding } = layer
      // Their "same" is the same here: odd kernels at stride 1.
      net.add(layers.layers.conv2d({ filters, kernelSize, padding: padding > 0 ? 'same' : 'valid' }))
    } else if (layer.type === 'dense') {
      if (!flat) net.add(layers.layers.flatten())
      flat = true
      net.add(layers.layers.dense({ units: layer.units }))
    } else if (layer.type === 'avgPool') net.add(layers.layers.averagePooling2d({ poolSize: 2 }))
    else if (layer.type === 'maxPool') net.add(layers.layers.maxPooling2d({ poolSize: 2 }))
    else net.add(layers.layers.activation({ activation: layer.type }))
  }
  return net
}

if (backend === 'webgpu') {
  await giveNavigatorGpu()
  await import('@tensorflow/tfjs-backend-webgpu')
} else await import('@tensorflow/tfjs-backend-cpu')
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here`)
await tf.ready()

const net = build(work)
const optimizer = tf.train.adam(1e-3)
const batches = anyImages(work).map(({ pixels, labels }) => ({
  x: tf.tensor4d(pixels, [work.batch, ...work.input]),
  y: tf.oneHot(tf.tensor1d(labels, 'int32'), classes),
}))

await speak(`TensorFlow.js ${tf.version_core}, ${backend}`, async (steps) => {
  for (let step = 0; step < steps; step++) {
    const { x, y } = batches[step % batches.length]
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(y, net.apply(x, { training: true })),
      true,
    )
    // The last loss is there when everything before it has been computed.
    if (step === steps - 1) await loss.data()
    loss.dispose()
  }
})
