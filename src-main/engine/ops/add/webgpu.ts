import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise } from '../webgpuShader'
import code from './add.wgsl?raw'

export const add: WebGpuKernel<'add'> = ({ inputs, outputs, label }, context) => {
  const names = inputs.map((_, index) => `x${index}`)
  const sum = `fn sumAt(i: u32) -> f32 { return ${names.map((name) => `${name}(i)`).join(' + ')}; }\n`
  const elements = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: Object.fromEntries(inputs.map((input, index) => [names[index]!, input])),
      writes: { y: outputs[0]! },
      code: sum + code,
      elements,
      work: elements * inputs.length * 2,
    }),
  ]
}
