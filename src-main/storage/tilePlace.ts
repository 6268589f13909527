import { open } from 'node:fs/promises'
import type { Georeference } from '#shared/data/imageFacts'
import { formatBytes, imageFormat } from './imageFormat'
import { readGeoreference } from './readTiff'
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
    const geo = readGeoreference(image)
    return geo && { system: systemOf(geo), box: boxOf(geo.transform, image.getWidth(), image.getHeight()) }
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

function boxOf([x, a, b, y, d, e]: Georeference['transform'], width: number, height: number): Box {
  const xs = [x, x + a * width, x + b * height, x + a * width + b * height]
  const ys = [y, y + d * width, y + e * height, y + d * width + e * height]
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) }
}

function systemOf({ epsg, geoKeys }: Georeference): string {
  const named = geoKeys['GTCitationGeoKey'] ?? geoKeys['PCSCitationGeoKey']
  if (epsg !== null) return `EPSG:${epsg}`
  return typeof named === 'string' ? named : 'an unnamed system'
}
