import { open } from 'node:fs/promises'
import { formatBytes, imageFormat } from './imageFormat'
import type { Box } from './spatialBlocks'

/** Where an image lies on the map. */
export interface TilePlace {
  /** Its coordinate system as people name it: `EPSG:32632`. */
  system: string
  box: Box
}

/** Reads from a GeoTIFF's header where it lies; null for any other image. Throws an Error where the file cannot be read. */
export async function readPlace(file: string): Promise<TilePlace | null> {
  if (!(await isTiff(file))) return null
  // Loaded with the first TIFF; most folders hold none.
  const { fromFile } = await import('geotiff')
  const tiff = await fromFile(file)
  try {
    const image = await tiff.getImage(0)
    const directory = image.getFileDirectory()
    const numbers = (tag: 'ModelTransformation' | 'ModelTiepoint' | 'ModelPixelScale') =>
      directory.hasTag(tag) ? Array.from(directory.getValue(tag) as ArrayLike<number>) : null
    const transform = transformOf(
      numbers('ModelTransformation'),
      numbers('ModelTiepoint'),
      numbers('ModelPixelScale'),
    )
    if (transform === null) return null
    const keys: Record<string, unknown> = image.getGeoKeys() ?? {}
    return { system: systemOf(keys), box: boxOf(transform, image.getWidth(), image.getHeight()) }
  } finally {
    await tiff.close()
  }
}

async function isTiff(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(formatBytes), 0, formatBytes, 0)
    return imageFormat(buffer.subarray(0, bytesRead)) === 'tiff'
  } finally {
    await handle.close()
  }
}

/** As GDAL's: `x = t[0] + t[1]·column + t[2]·row`, `y = t[3] + t[4]·column + t[5]·row`. */
type Transform = readonly [number, number, number, number, number, number]

function transformOf(
  matrix: number[] | null,
  tie: number[] | null,
  scale: number[] | null,
): Transform | null {
  if (matrix !== null && matrix.length >= 8) {
    const [a = 0, b = 0, , x = 0, d = 0, e = 0, , y = 0] = matrix
    return [x, a, b, y, d, e]
  }
  if (tie === null || tie.length < 6 || scale === null) return null
  const [column = 0, row = 0, , x = 0, y = 0] = tie
  const [right = 1, down = 1] = scale
  return [x - column * right, right, 0, y + row * down, 0, -down]
}

function boxOf([x, a, b, y, d, e]: Transform, width: number, height: number): Box {
  const xs = [x, x + a * width, x + b * height, x + a * width + b * height]
  const ys = [y, y + d * width, y + e * height, y + d * width + e * height]
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) }
}

function systemOf(keys: Readonly<Record<string, unknown>>): string {
  const code = keys['ProjectedCSTypeGeoKey'] ?? keys['GeographicTypeGeoKey']
  if (typeof code === 'number' && code > 0 && code !== 32767) return `EPSG:${code}`
  const named = keys['GTCitationGeoKey'] ?? keys['PCSCitationGeoKey']
  return typeof named === 'string' ? named : 'an unnamed system'
}
