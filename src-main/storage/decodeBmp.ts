import { decode } from 'bmp-ts'

export interface RgbImage {
  width: number
  height: number
  /** `[height][width][3]`, red first. */
  data: Uint8Array
}

interface BmpHeader {
  width: number
  height: number
  /** A pixel's. */
  bits: number
  compression: number
}

/** Reads the header, for which the first 54 bytes serve. Throws an Error with the reason for what {@link decodeBmp} does not decode. */
export function readBmpHeader(bytes: Buffer, maxPixels: number): BmpHeader {
  if (bytes.length < 54) throw new Error('the file is truncated')
  const width = bytes.readInt32LE(18)
  const height = Math.abs(bytes.readInt32LE(22))
  const bits = bytes.readUInt16LE(28)
  const compression = bytes.readUInt32LE(30)
  if (width <= 0 || height === 0) throw new Error(`its header gives the size ${width}×${height}`)
  if (width * height > maxPixels) throw new Error(`it has ${width}×${height} pixels, more than ${maxPixels}`)
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`it has ${bits} bits a pixel`)
  // bmp-ts 1.0.9 misplaces the colours of run-length coded files and stops after one line of 4-bit files of odd width.
  if (compression !== 0 && compression !== 3 && compression !== 6) {
    throw new Error('it is a run-length coded BMP, which is not supported; save it as PNG')
  }
  if (bits === 4 && width % 2 === 1)
    throw new Error('it is a 4-bit BMP of odd width, which is not supported; save it as PNG')
  return { width, height, bits, compression }
}

/**
 * Decodes an uncompressed BMP (1, 4, 8, 16, 24 or 32 bits a pixel). Alpha counts only where the header names an alpha mask
 * (the fourth byte of plain 32-bit files is unused and mostly 0) and is then laid over black.
 * Throws an Error with the reason for run-length coded, oversized and truncated files.
 */
export function decodeBmp(bytes: Buffer, maxPixels: number): RgbImage {
  const { width, height, bits, compression } = readBmpHeader(bytes, maxPixels)
  const dataOffset = bytes.readUInt32LE(10)
  const dataBytes = Math.ceil((width * bits) / 32) * 4 * height
  if (dataOffset + dataBytes > bytes.length) throw new Error('the file is truncated')

  // bmp-ts reads pixels right after the colour table; where a file leaves a gap there, it is closed first.
  const headerSize = bytes.readUInt32LE(14)
  const masks = headerSize > 40 || compression === 0 ? 0 : compression === 3 ? 12 : 16
  const colours = bytes.readUInt32LE(46) || (bits <= 8 ? 2 ** bits : 0)
  const headerEnd = 14 + headerSize + masks + colours * 4
  const image = decode(
    headerEnd < dataOffset
      ? Buffer.concat([bytes.subarray(0, headerEnd), bytes.subarray(dataOffset)])
      : bytes,
  )
  const namesAlpha = bits === 32 && compression !== 0 && (headerSize >= 56 || compression === 6)
  const hasAlpha = namesAlpha && bytes.readUInt32LE(66) !== 0
  const data = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    // bmp-ts answers alpha, blue, green, red.
    const alpha = hasAlpha ? (image.data[from] ?? 255) / 255 : 1
    data[to] = Math.round((image.data[from + 3] ?? 0) * alpha)
    data[to + 1] = Math.round((image.data[from + 2] ?? 0) * alpha)
    data[to + 2] = Math.round((image.data[from + 1] ?? 0) * alpha)
  }
  return { width, height, data }
}
