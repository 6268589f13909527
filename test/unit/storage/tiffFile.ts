import type { Pixels } from '#shared/engine/tensors'

interface TiffOptions {
  height: number
  width: number
  /** `[height][width][bands]` */
  pixels: Pixels
  noData?: number
  /** Corner and size of a pixel, in metres of UTM zone 32. */
  place?: { x: number; y: number; pixel: number }
}

/** A plain TIFF of any number of bands: one strip, not compressed, little-endian; georeferenced where a place is given. */
export function tiffFile({ height, width, pixels, noData, place }: TiffOptions): Buffer {
  const bands = pixels.length / (height * width)
  const bytes = pixels.BYTES_PER_ELEMENT
  const all = (value: number) => new Array<number>(bands).fill(value)
  const data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  /** Tag, kind (2 text, 3 16-bit, 4 32-bit, 12 double), values. */
  const entries: [tag: number, kind: 2 | 3 | 4 | 12, values: readonly number[]][] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, all(bytes * 8)],
    [259, 3, [1]],
    [262, 3, [1]],
    [273, 4, [8]],
    [277, 3, [bands]],
    [278, 4, [height]],
    [279, 4, [data.length]],
    [284, 3, [1]],
    ...(bands > 1 ? ([[338, 3, all(0).slice(1)]] as [number, 3, number[]][]) : []),
    [339, 3, all(pixels instanceof Float32Array ? 3 : 1)],
    ...(place
      ? ([
          [33550, 12, [place.pixel, place.pixel, 0]],
          [33922, 12, [0, 0, 0, place.x, place.y, 0]],
          [34735, 3, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32632]],
        ] as [number, 3 | 12, number[]][])
      : []),
    ...(noData === undefined
      ? []
      : ([[42113, 2, [...Buffer.from(`${noData}\0`)]]] as [number, 2, number[]][])),
  ]
  const size = { 2: 1, 3: 2, 4: 4, 12: 8 }
  const directory = 8 + data.length + (data.length % 2)
  let free = directory + 2 + entries.length * 12 + 4
  const parts: Buffer[] = []
  const head = Buffer.alloc(2 + entries.length * 12 + 4)
  head.writeUInt16LE(entries.length, 0)
  entries.forEach(([tag, kind, values], i) => {
    const at = 2 + i * 12
    const value = Buffer.alloc(Math.max(4, values.length * size[kind]))
    values.forEach((number, k) => {
      if (kind === 2) value.writeUInt8(number, k)
      else if (kind === 3) value.writeUInt16LE(number, k * 2)
      else if (kind === 4) value.writeUInt32LE(number, k * 4)
      else value.writeDoubleLE(number, k * 8)
    })
    head.writeUInt16LE(tag, at)
    head.writeUInt16LE(kind, at + 2)
    head.writeUInt32LE(values.length, at + 4)
    if (values.length * size[kind] <= 4) value.copy(head, at + 8, 0, 4)
    else {
      head.writeUInt32LE(free, at + 8)
      parts.push(value, Buffer.alloc(value.length % 2))
      free += value.length + (value.length % 2)
    }
  })
  const start = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])
  start.writeUInt32LE(directory, 4)
  return Buffer.concat([start, data, Buffer.alloc(data.length % 2), head, ...parts])
}
