import type { ReferenceKernel } from '../referenceKernel'

/** y = Σ inputs, number by number */
export const add: ReferenceKernel<'add'> = (inputs, [y]) => {
  for (let i = 0; i < y!.data.length; i++) {
    y!.data[i] = inputs.reduce((sum, input) => sum + input.data[i]!, 0)
  }
}
