/** Tensors as one run of little-endian float32 bytes, and the table that says where each lies. */
import { z } from 'zod'
import type { NamedTensor } from '../engine/tensors'
import { shapeSize } from '../layout/shapeText'

export const weightEntrySchema = z.strictObject({
  /** `<blockId>/<weightName>`, e.g. `c1/kernel`. */
  name: z.string().min(1),
  shape: z.array(z.int().min(1)).min(1),
  dtype: z.literal('float32'),
  /** From the beginning of the bytes; a multiple of 4. */
  byteOffset: z.int().min(0).multipleOf(4),
})

export type WeightEntry = z.infer<typeof weightEntrySchema>

/** Lays tensors out one after the other. `bytes` is little-endian on every machine. */
export function packTensors(tensors: readonly NamedTensor[]): { bytes: Uint8Array; table: WeightEntry[] } {
  const bytes = new Uint8Array(4 * tensors.reduce((sum, { data }) => sum + data.length, 0))
  const view = new DataView(bytes.buffer)
  const table: WeightEntry[] = []
  let byteOffset = 0
  for (const { name, shape, data } of tensors) {
    if (shapeSize(shape) !== data.length)
      throw new Error(`${name} holds ${data.length} numbers, its shape ${shape.join('×')}`)
    table.push({ name, shape: [...shape], dtype: 'float32', byteOffset })
    data.forEach((value, i) => view.setFloat32(byteOffset + 4 * i, value, true))
    byteOffset += 4 * data.length
  }
  return { bytes, table }
}

/** Reads tensors back as copies. Throws an Error that names a tensor which lies outside the bytes. */
export function unpackTensors(bytes: Uint8Array, table: readonly WeightEntry[]): NamedTensor[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return table.map(({ name, shape, byteOffset }) => {
    const data = new Float32Array(shapeSize(shape))
    if (byteOffset + data.byteLength > bytes.byteLength)
      throw new Error(`${name} reaches beyond the end of the weights`)
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(byteOffset + 4 * i, true)
    return { name, shape, data }
  })
}
