/** Sliding windows, shared by the reference kernels of convolution and pooling. */
import type { Pair, Padding4, Shape } from '#shared/ops'

export interface WindowAttrs {
  size: Pair
  strides: Pair
  padding: Padding4
  dilation: Pair
}

/** Calls `visit` for each cell of the window at output (oh, ow) that lies inside the map, row by row. */
export function forEachCell(
  window: WindowAttrs,
  input: Shape,
  oh: number,
  ow: number,
  visit: (ih: number, iw: number, kh: number, kw: number) => void,
): void {
  for (let kh = 0; kh < window.size[0]; kh++) {
    const ih = oh * window.strides[0] - window.padding[0] + kh * window.dilation[0]
    if (ih < 0 || ih >= input[0]!) continue
    for (let kw = 0; kw < window.size[1]; kw++) {
      const iw = ow * window.strides[1] - window.padding[2] + kw * window.dilation[1]
      if (iw >= 0 && iw < input[1]!) visit(ih, iw, kh, kw)
    }
  }
}
