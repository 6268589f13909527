/** JPEG 2000 is told so that it can be said how to convert it; it is not read. */
export type ImageFormat = 'png' | 'jpeg' | 'bmp' | 'gif' | 'webp' | 'avif' | 'tiff' | 'jp2'

/** File endings usual for the formats we tell, lower case. */
export const imageEndings: ReadonlySet<string> = new Set([
  'png',
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'bmp',
  'dib',
  'gif',
  'webp',
  'avif',
  'tif',
  'tiff',
  'jp2',
  'j2k',
])

/** The formats as people read them in messages. */
export const imageFormatNames = 'PNG, JPEG, BMP, GIF, WebP, AVIF or TIFF'

/** Bytes needed from the beginning of a file to tell its format. */
export const formatBytes = 16

/** The image format by content, whatever the file is called; null for anything else (text, SVG, video, …). */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  const has = (offset: number, ...values: number[]) => values.every((value, i) => bytes[offset + i] === value)
  if (has(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png'
  if (has(0, 0xff, 0xd8, 0xff)) return 'jpeg'
  if (has(0, 0x47, 0x49, 0x46, 0x38)) return 'gif'
  if (has(0, 0x52, 0x49, 0x46, 0x46) && has(8, 0x57, 0x45, 0x42, 0x50)) return 'webp'
  if (has(0, 0x49, 0x49, 0x2a, 0) || has(0, 0x4d, 0x4d, 0, 0x2a)) return 'tiff'
  if (has(0, 0x49, 0x49, 0x2b, 0) || has(0, 0x4d, 0x4d, 0, 0x2b)) return 'tiff'
  // ISO media: the size of the first box, "ftyp", and the brand of stills or of image sequences.
  if (has(4, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69) && (bytes[11] === 0x66 || bytes[11] === 0x73))
    return 'avif'
  if (has(0, 0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20) || has(0, 0xff, 0x4f, 0xff, 0x51)) return 'jp2'
  // "BM" alone is a common beginning of texts: the four reserved bytes must be there and hold the header's size too.
  if (has(0, 0x42, 0x4d) && bytes.length >= 16 && bytes[15] === 0 && (bytes[14] ?? 0) >= 12) return 'bmp'
  return null
}
