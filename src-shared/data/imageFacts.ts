/** What the header of an image file says; nothing is decoded for it. Plain data that survives structured cloning. */

/** Numbers as files store them. */
export type StoredNumbers = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64'

/** Numbers as decoded images hold them: the smallest type that holds all images of a set exactly, but for 32 and 64 bits. */
export type NumberType = 'uint8' | 'uint16' | 'float32'

/** Where on Earth an image lies. */
export interface Georeference {
  /** Code of the coordinate reference system; null where the file names none (`geoKeys` then say what they can). */
  epsg: number | null
  /** GeoTIFF keys by name, as the file has them; `GTCitationGeoKey` names the system in words. */
  geoKeys: Readonly<Record<string, unknown>>
  /**
   * Pixel corners to coordinates, as GDAL's geotransform: `x = t[0] + t[1]·column + t[2]·row`, `y = t[3] + t[4]·column + t[5]·row`.
   * So (t[0], t[3]) is the outer corner of the first pixel, and t[5] is below 0 where north is up.
   */
  transform: readonly [number, number, number, number, number, number]
}

export interface ImageFacts {
  /** As a person sees it (EXIF orientation applied). */
  height: number
  width: number
  /** Of a picture without alpha: 1 (grey) or 3 (red, green, blue). */
  bands: number
  /** Pictures are for the eye: grey or colour of full-scale values. A raster is a TIFF with anything else: measured values. */
  kind: 'picture' | 'raster'
  numbers: StoredNumbers
  /** Names the file itself gives its bands; null where it gives none, or not all. */
  names: readonly string[] | null
  /** The value that stands for no value, may be NaN; null where there is none. */
  noData: number | null
  geo: Georeference | null
}

/** float32 holds whole numbers up to 2^24 exactly; larger ones and float64 are rounded. */
const numbersHeld: Record<StoredNumbers, NumberType> = {
  uint8: 'uint8',
  uint16: 'uint16',
  int8: 'float32',
  int16: 'float32',
  uint32: 'float32',
  int32: 'float32',
  float32: 'float32',
  float64: 'float32',
}

/** What an image needs to be held as: floats also where it has a value for no data, which becomes NaN. */
export function numbersOf({ numbers, noData }: Pick<ImageFacts, 'numbers' | 'noData'>): NumberType {
  return noData === null ? numbersHeld[numbers] : 'float32'
}

const width: Record<NumberType, number> = { uint8: 1, uint16: 2, float32: 4 }

export function bytesPerNumber(numbers: NumberType): number {
  return width[numbers]
}

/** Whether every value of one type is one of the other. */
export function holds(wide: NumberType, narrow: NumberType): boolean {
  return width[wide] >= width[narrow]
}

/** Names of bands by their number, for files that give none: `grey`; `red`, `green`, `blue`; `band1`, …. */
export function bandNames(bands: number): string[] {
  if (bands === 1) return ['grey']
  if (bands === 3) return ['red', 'green', 'blue']
  return Array.from({ length: bands }, (_, i) => `band${i + 1}`)
}
