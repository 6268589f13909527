/**
 * TIFF files whose values are not a picture: any number of bands, 8 to 64 bits, whole, signed or floating point, read with
 * `geotiff`. What is a picture is left to sharp, which knows palettes, CMYK, alpha and the rarer compressions.
 */
import type { GeoTIFFImage } from 'geotiff'
import type { Georeference, ImageFacts, StoredNumbers } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'

/** Most values of one file: 1 GB of floats. */
const maxValues = 2 ** 28

/** Values in memory, `[height][width][channels]`; what is no data is NaN. */
export interface Raster {
  height: number
  width: number
  channels: number
  pixels: Pixels
}

/** A TIFF whose header is read. */
export interface OpenTiff {
  facts: ImageFacts
  /** Bands by their position from 0, in the order asked for. */
  read(bands: readonly number[]): Promise<Raster>
}

/** Reads a TIFF's header. Throws an Error with the reason. */
export async function openTiff(bytes: Buffer): Promise<OpenTiff> {
  // Loaded with the first TIFF; most folders hold none.
  const { fromArrayBuffer } = await import('geotiff')
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  const buffer = whole ? bytes.buffer : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const file = await fromArrayBuffer(buffer as ArrayBuffer)
  const image = await file.getImage(0)
  const facts = await readFacts(image)
  return { facts, read: (bands) => readValues(image, facts, bands) }
}

/** Reads a TIFF's header from its file, and no more of that than holds it. Throws an Error with the reason. */
export async function readTiffFile(file: string): Promise<ImageFacts> {
  const { fromFile } = await import('geotiff')
  const tiff = await fromFile(file)
  try {
    return await readFacts(await tiff.getImage(0))
  } finally {
    await tiff.close()
  }
}

/** What the header says. Throws an Error for numbers that are not read. */
export async function readFacts(image: GeoTIFFImage): Promise<ImageFacts> {
  const noData = image.getGDALNoData()
  const geo = readGeoreference(image)
  const bands = image.getSamplesPerPixel()
  const numbers = storedNumbers(image)
  const picture = pictureBands(image)
  // A fourth band of a scene is hardly ever transparency: GDAL calls any fourth band of bytes alpha.
  const asPicture = picture !== null && noData === null && !(picture.alpha && geo !== null)
  const size = { height: image.getHeight(), width: image.getWidth() }
  // As a person sees it: four of the eight orientations lie on their side.
  const lies = asPicture && ((await image.getFileDirectory().loadValue('Orientation')) ?? 1) >= 5
  return {
    ...(lies ? { height: size.width, width: size.height } : size),
    bands: asPicture ? picture.colours : bands,
    kind: asPicture ? 'picture' : 'raster',
    numbers: numbers ?? 'uint8',
    names: asPicture ? null : await readNames(image, bands),
    noData,
    geo,
  }
}

/** Null for what is narrower than a byte. Throws for what has no number type of ours. */
function storedNumbers(image: GeoTIFFImage): StoredNumbers | null {
  const count = image.getSamplesPerPixel()
  const kinds = new Set<string>()
  for (let i = 0; i < count; i++) {
    const kind = { 1: 'uint', 2: 'int', 3: 'float' }[image.getSampleFormat(i)] ?? 'complex'
    kinds.add(`${kind}${image.getBitsPerSample(i)}`)
  }
  const [only, ...more] = kinds
  if (more.length > 0) throw new Error(`its bands have different number types (${[...kinds].join(', ')})`)
  switch (only) {
    case 'uint8':
    case 'int8':
    case 'uint16':
    case 'int16':
    case 'uint32':
    case 'int32':
    case 'float32':
    case 'float64':
      return only
    case 'float16':
      return 'float32'
    case 'uint1':
    case 'uint2':
    case 'uint4':
      return null
    default:
      throw new Error(`its numbers are ${only ?? 'unknown'}, which are not read; convert them to float32`)
  }
}

/** Colours of a picture of bytes or less, and whether alpha follows; null for anything else. */
function pictureBands(image: GeoTIFFImage): { colours: 1 | 3; alpha: boolean } | null {
  const directory = image.getFileDirectory()
  const bands = image.getSamplesPerPixel()
  const bits = image.getBitsPerSample(0)
  if (bits > 8 || image.getSampleFormat(0) !== 1) return null
  const extra = Array.from((directory.getValue('ExtraSamples') as ArrayLike<number> | undefined) ?? [])
  // Of values that are not colours, only alpha (1: already multiplied, 2: not) belongs to a picture.
  const alpha = extra.length === 1 && (extra[0] === 1 || extra[0] === 2)
  const [stored, colours] = storedColours[directory.getValue('PhotometricInterpretation') as number] ?? [0, 1]
  return bands - (alpha ? 1 : 0) === stored ? { colours, alpha } : null
}

/** Bands in the file and in the picture, by how the file says they are to be looked at. */
const storedColours: Readonly<Record<number, readonly [stored: number, shown: 1 | 3]>> = {
  0: [1, 1], // white is 0
  1: [1, 1], // black is 0
  2: [3, 3], // RGB
  3: [1, 3], // palette
  5: [4, 3], // CMYK
  6: [3, 3], // YCbCr
  8: [3, 3], // Lab
}

/** Descriptions that GDAL keeps with each band, or the colours that the file says they are. */
async function readNames(image: GeoTIFFImage, bands: number): Promise<string[] | null> {
  const names: string[] = []
  for (let i = 0; i < bands; i++) {
    const metadata = await image.getGDALMetadata(i).catch(() => null)
    const name = metadata?.['DESCRIPTION']
    if (typeof name === 'string' && name.trim() !== '') names.push(name.trim())
  }
  if (names.length === bands && new Set(names).size === bands) return names
  const colours = ['red', 'green', 'blue', 'alpha']
  const isColour = image.getFileDirectory().getValue('PhotometricInterpretation') === 2
  return isColour && bands <= 4 && bands >= 3 ? colours.slice(0, bands) : null
}

export function readGeoreference(image: GeoTIFFImage): Georeference | null {
  const directory = image.getFileDirectory()
  const numbers = (tag: 'ModelTransformation' | 'ModelTiepoint' | 'ModelPixelScale') =>
    directory.hasTag(tag) ? Array.from(directory.getValue(tag) as ArrayLike<number>) : null
  const geoKeys: Record<string, unknown> = image.getGeoKeys() ?? {}
  const matrix = numbers('ModelTransformation')
  const tie = numbers('ModelTiepoint')
  const scale = numbers('ModelPixelScale')
  let transform: [number, number, number, number, number, number]
  if (matrix !== null && matrix.length >= 8) {
    const [a = 0, b = 0, , x = 0, d = 0, e = 0, , y = 0] = matrix
    transform = [x, a, b, y, d, e]
  } else if (tie?.length === 6 && scale !== null) {
    const [column = 0, row = 0, , x = 0, y = 0] = tie
    const [right = 1, down = 1] = scale
    transform = [x - column * right, right, 0, y + row * down, 0, -down]
  } else return null
  // Where coordinates are those of pixel centres (GTRasterTypeGeoKey 2), the corner lies half a pixel before.
  if (geoKeys['GTRasterTypeGeoKey'] === 2) {
    const [x, a, b, y, d, e] = transform
    transform = [x - (a + b) / 2, a, b, y - (d + e) / 2, d, e]
  }
  const code = geoKeys['ProjectedCSTypeGeoKey'] ?? geoKeys['GeographicTypeGeoKey']
  const isCode = typeof code === 'number' && code > 0 && code !== 32767
  return { epsg: isCode ? code : null, geoKeys, transform }
}

async function readValues(image: GeoTIFFImage, facts: ImageFacts, bands: readonly number[]): Promise<Raster> {
  const { height, width } = facts
  const length = height * width * bands.length
  if (length > maxValues) throw new Error(`it has more than ${maxValues} values`)
  const values = await image
    .readRasters({ samples: [...bands], interleave: true })
    .catch((thrown: unknown) => Promise.reject(damaged(thrown)))
  const held = facts.noData === null ? values : withoutNoData(values, facts)
  const pixels =
    held instanceof Uint8Array || held instanceof Uint16Array || held instanceof Float32Array
      ? held
      : Float32Array.from(held)
  return { height, width, channels: bands.length, pixels }
}

/** Where the header is sound, its compression may be one that is not read; else something is wrong with the content. */
function damaged(thrown: unknown): Error {
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  const compression = /unknown compression method identifier: (\d+)/i.exec(words)?.[1]
  const problem =
    compression === undefined
      ? `the file is truncated or damaged (${words})`
      : `its TIFF compression (${compression}) is not read here; gdal_translate -co COMPRESS=DEFLATE converts it`
  return new Error(problem, { cause: thrown })
}

function withoutNoData(values: ArrayLike<number>, { noData, numbers }: ImageFacts): Float32Array {
  // The tag is text; the pixels hold its value as their type does.
  const absent = numbers === 'float32' ? Math.fround(noData as number) : noData
  return Float32Array.from(values, (value) => (value === absent ? NaN : value))
}
