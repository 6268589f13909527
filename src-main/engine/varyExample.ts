import type { VaryCommand } from '#shared/engine/protocol'
import { byteScale } from '#shared/engine/tensors'
import { drawVariant } from './ops/gather/variant'
import { varyImage } from './ops/gather/varyImage'

/** The first of the images as some epochs would see it, `[epochs][height][width][channels]`, normalised. */
export function varyExample(command: VaryCommand): Float32Array {
  const { images, normalisation, augmentation, seed, image, epochs } = command
  const { height, width, channels, pixels } = images
  const { mean, std, scale = byteScale } = normalisation
  const size = height * width * channels
  const invStd = std.map((value) => 1 / value)
  const value = (i: number): number => pixels[i]!
  const x = new Float64Array(size)
  const result = new Float32Array(epochs.length * size)
  epochs.forEach((epoch, i) => {
    const variant = drawVariant(augmentation, height, width, { seed, epoch, image })
    const { noise } = augmentation
    varyImage({ height, width, channels, value, mean, invStd, divisor: 1 / scale, variant, noise }, x)
    result.set(x, i * size)
  })
  return result
}
