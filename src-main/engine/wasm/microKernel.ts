/**
 * The tile that convolutions and their gradients keep in registers: `rows` filters (input channels, for weight gradients) × `lanes`
 * images (filters). What is fastest depends on how many registers the compiled code has, and how wide they are.
 */
export interface MicroKernel {
  readonly rows: 4 | 6
  readonly lanes: 8 | 16
}

/** With 256-bit operations: 12 accumulators of 16 registers. */
export const wideTile: MicroKernel = { rows: 6, lanes: 16 }
/** With 128-bit operations and fused multiply-add: 12 accumulators as well. */
export const relaxedTile: MicroKernel = { rows: 6, lanes: 8 }
/** Products take registers of their own before they are added. */
export const plainTile: MicroKernel = { rows: 4, lanes: 8 }
