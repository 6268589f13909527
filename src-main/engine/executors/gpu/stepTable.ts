/** The numbers that change from step to step, one 256-byte slot per step (see `Step` in ops/webgpuShader.ts). */
import type { StepRequest } from '#shared/engine/executor'
import type { OptimizerSettings } from '#shared/training/settings'

export interface StepTableWindow {
  request: StepRequest
  /** Of a value of the images. */
  pixelBytes: number
  optimizer: OptimizerSettings | null
  /** Steps `from` … `to` − 1 of the request. */
  from: number
  to: number
  /** Bytes between two slots. */
  stride: number
}

export function stepTable({
  request,
  pixelBytes,
  optimizer,
  from,
  to,
  stride,
}: StepTableWindow): ArrayBuffer {
  const table = new ArrayBuffer((to - from) * stride)
  const whole = new Uint32Array(table)
  const floats = new Float32Array(table)
  let firstImage = 0
  for (let step = from; step < to; step++) {
    const place = ((step - from) * stride) / 4
    const number = request.firstStep + step
    const learningRate = request.learningRates[step] ?? 0
    whole.set([request.counts[step]!, firstImage, step - from, number], place)
    floats.set([learningRate, ...adamFactors(optimizer, learningRate, number + 1)], place + 4)
    whole[place + 7] = pixelBytes
    firstImage += request.counts[step]!
  }
  return table
}

/** Adam's step size and √(bias correction of the second moment), in double precision as PyTorch computes them. */
function adamFactors(
  optimizer: OptimizerSettings | null,
  learningRate: number,
  step: number,
): [number, number] {
  if (optimizer?.type !== 'adam' && optimizer?.type !== 'adamw') return [0, 1]
  return [learningRate / (1 - optimizer.beta1 ** step), Math.sqrt(1 - optimizer.beta2 ** step)]
}
