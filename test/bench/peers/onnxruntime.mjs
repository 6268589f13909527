/** ONNX Runtime on the processor, one image at a time through a work's network: onnxruntime.mjs WORK THREADS. */
import ort from 'onnxruntime-node'
import { onnxModel } from './onnxModel.mjs'
import { speak } from './speak.mjs'
import { anyImages, works } from './works.mjs'

const [workName = '', threads = '1'] = process.argv.slice(2)
const work = works[workName]
if (!work) throw new Error(`no work is called ${workName}`)

const [height, width, channels] = work.input
const session = await ort.InferenceSession.create(onnxModel(work), {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: Number(threads),
})
const { pixels } = anyImages(work)[0]
const size = height * width * channels
const images = Array.from({ length: work.batch }, (_, i) => pixels.subarray(i * size, (i + 1) * size))

await speak(`ONNX Runtime ${ort.env.versions.node}`, async (count) => {
  for (let i = 0; i < count; i++) {
    const image = new ort.Tensor('float32', images[i % images.length], [1, channels, height, width])
    const { probabilities } = await session.run({ image })
    const sum = probabilities.data.reduce((total, value) => total + value, 0)
    if (!(Math.abs(sum - 1) < 1e-3)) throw new Error(`probabilities that add up to ${sum}`)
  }
})
