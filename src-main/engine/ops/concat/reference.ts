import type { ReferenceKernel } from '../referenceKernel'

/** y joins the inputs along the last axis, in input order. */
export const concat: ReferenceKernel<'concat'> = (inputs, [y]) => {
  const length = y!.shape.at(-1)!
  let start = 0
  for (const input of inputs) {
    const part = input.shape.at(-1)!
    for (let i = 0; i < input.data.length; i++) {
      y!.data[Math.floor(i / part) * length + start + (i % part)] = input.data[i]!
    }
    start += part
  }
}

/** dx = dy[…, start … start + length): the backward pass of concat for one input. */
export const slice: ReferenceKernel<'slice'> = ([dy], [dx], { start, length }) => {
  const whole = dy!.shape.at(-1)!
  for (let i = 0; i < dx!.data.length; i++) {
    dx!.data[i] = dy!.data[Math.floor(i / length) * whole + start + (i % length)]!
  }
}
