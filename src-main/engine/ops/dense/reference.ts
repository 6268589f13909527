import type { ReferenceKernel } from '../referenceKernel'

/** y[n, u] = bias[u] + Σ_i x[n, i] · kernel[i, u] */
export const dense: ReferenceKernel<'dense'> = ([x, kernel, bias], [y], _attrs, { count }) => {
  const [inputs, units] = kernel!.shape as [number, number]
  for (let n = 0; n < count; n++) {
    for (let u = 0; u < units; u++) {
      let sum = bias ? bias.data[u]! : 0
      for (let i = 0; i < inputs; i++) sum += x!.data[n * inputs + i]! * kernel!.data[i * units + u]!
      y!.data[n * units + u] = sum
    }
  }
}

/** dx[n, i] = Σ_u dy[n, u] · kernel[i, u] */
export const denseInputGrad: ReferenceKernel<'denseInputGrad'> = ([dy, kernel], [dx], _attrs, { count }) => {
  const [inputs, units] = kernel!.shape as [number, number]
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0
      for (let u = 0; u < units; u++) sum += dy!.data[n * units + u]! * kernel!.data[i * units + u]!
      dx!.data[n * inputs + i] = sum
    }
  }
}

/** dKernel[i, u] = Σ_n x[n, i] · dy[n, u], dBias[u] = Σ_n dy[n, u] */
export const denseWeightGrad: ReferenceKernel<'denseWeightGrad'> = (
  [x, dy],
  [dKernel, dBias],
  _attrs,
  { count },
) => {
  const [inputs, units] = dKernel!.shape as [number, number]
  for (let u = 0; u < units; u++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0
      for (let n = 0; n < count; n++) sum += x!.data[n * inputs + i]! * dy!.data[n * units + u]!
      dKernel!.data[i * units + u] = sum
    }
    if (!dBias) continue
    let sum = 0
    for (let n = 0; n < count; n++) sum += dy!.data[n * units + u]!
    dBias.data[u] = sum
  }
}
