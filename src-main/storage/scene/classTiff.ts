/**
 * Writes a map of classes as a GeoTIFF, strip by strip: one band of class numbers with a colour each, in the place of the scene it
 * was made from. TIFF 6.0 (palette colour), Adobe's deflate (technical note 3), BigTIFF where 4 GB may not do, GeoTIFF 1.1 (OGC
 * 19-008) by the scene's own tags, GDAL's tag for "no data". Names of the classes go into the file that GDAL reads beside it
 * (`.aux.xml`).
 */
import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { writeFileAtomic, writeFileAtomicBy } from '../atomicFile'

const deflated = promisify(deflate)

/** The tags that say where a raster lies, as they stand in a GeoTIFF; those that it does not have are left out. */
export interface GeoTags {
  modelPixelScale?: readonly number[]
  modelTiepoint?: readonly number[]
  modelTransformation?: readonly number[]
  geoKeyDirectory?: readonly number[]
  geoDoubleParams?: readonly number[]
  geoAsciiParams?: string
}

export interface ClassRaster {
  width: number
  height: number
  /** By class number. At most {@link mostClasses}. */
  classes: readonly string[]
  /** By class number, `[red, green, blue]` in 0 … 255. */
  colours: readonly (readonly [number, number, number])[]
  geo: GeoTags
}

/** A pixel where the scene has no data. */
export const noClass = 255
export const mostClasses = 255

/** Uncompressed bytes of a strip, about: readers take one at a time. */
const stripBytes = 64 * 1024

const enum Type {
  ascii = 2,
  short = 3,
  long = 4,
  double = 12,
  long8 = 16,
}

interface Entry {
  tag: number
  type: Type
  values: readonly number[] | string
}

const typeBytes: Readonly<Record<Type, number>> = {
  [Type.ascii]: 1,
  [Type.short]: 2,
  [Type.long]: 4,
  [Type.double]: 8,
  [Type.long8]: 8,
}

/**
 * Writes `raster` whose rows come from `rows` in pieces of any number of whole rows, one byte a pixel, from the top. Appears under
 * its name when it is complete. Throws FILE_UNWRITABLE and what `rows` throws.
 */
export async function writeClassTiff(
  file: string,
  raster: ClassRaster,
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { width, height, classes } = raster
  if (classes.length > mostClasses) throw new RangeError(`${classes.length} classes do not fit into a byte`)
  const rowsPerStrip = Math.max(1, Math.min(height, Math.floor(stripBytes / width)))
  // Compressed it is nearly always smaller, but that is known too late.
  const big = width * height > 0xf000_0000
  await writeFileAtomicBy(file, async (handle) => {
    const head = tiffHead(big)
    let end = head.length
    await writeAll(handle, head, 0)
    const offsets: number[] = []
    const counts: number[] = []
    for await (const strip of inStrips(rows, width * rowsPerStrip)) {
      const bytes = await deflated(strip)
      offsets.push(end)
      counts.push(bytes.length)
      await writeAll(handle, bytes, end)
      end += bytes.length
    }
    const expected = Math.ceil(height / rowsPerStrip)
    if (offsets.length !== expected)
      throw new RangeError(`${offsets.length} strips were written where ${expected} make the raster`)
    const start = end + (end % 8 === 0 ? 0 : 8 - (end % 8))
    const place = big ? Type.long8 : Type.long
    const entries: Entry[] = [
      { tag: 256, type: Type.long, values: [width] },
      { tag: 257, type: Type.long, values: [height] },
      { tag: 258, type: Type.short, values: [8] },
      { tag: 259, type: Type.short, values: [8] },
      { tag: 262, type: Type.short, values: [3] },
      { tag: 273, type: place, values: offsets },
      { tag: 277, type: Type.short, values: [1] },
      { tag: 278, type: Type.long, values: [rowsPerStrip] },
      { tag: 279, type: place, values: counts },
      { tag: 284, type: Type.short, values: [1] },
      { tag: 305, type: Type.ascii, values: 'Interlock' },
      { tag: 320, type: Type.short, values: colourMap(raster.colours) },
      { tag: 339, type: Type.short, values: [1] },
      ...geoEntries(raster.geo),
      { tag: 42113, type: Type.ascii, values: String(noClass) },
    ]
    await writeAll(handle, directory(entries, start, big), start)
    // The directory is found last, when everything it names is there.
    const pointer = Buffer.alloc(8)
    pointer.writeBigUInt64LE(BigInt(start))
    await writeAll(handle, big ? pointer : pointer.subarray(0, 4), big ? 8 : 4)
  })
  await writeFileAtomic(`${file}.aux.xml`, categories(classes))
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
}

/** Rows as they come, cut anew into pieces of `size` bytes; the last may be shorter. */
async function* inStrips(rows: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let strip = new Uint8Array(size)
  let filled = 0
  for await (const piece of rows) {
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(size - filled, piece.length - at)
      strip.set(piece.subarray(at, at + taken), filled)
      at += taken
      filled += taken
      if (filled < size) continue
      yield strip
      strip = new Uint8Array(size)
      filled = 0
    }
  }
  if (filled > 0) yield strip.subarray(0, filled)
}

/** Little-endian; the place of the directory follows later. */
function tiffHead(big: boolean): Buffer {
  return Buffer.from(
    big ? [0x49, 0x49, 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [0x49, 0x49, 42, 0, 0, 0, 0, 0],
  )
}

/** 256 colours of 16 bits a channel: all reds, all greens, all blues. */
function colourMap(colours: ClassRaster['colours']): number[] {
  return [0, 1, 2].flatMap((channel) =>
    Array.from({ length: 256 }, (_, i) => (colours[i]?.[channel] ?? 0) * 257),
  )
}

function geoEntries(geo: GeoTags): Entry[] {
  const entries: (Entry | null)[] = [
    geo.modelPixelScale ? { tag: 33550, type: Type.double, values: geo.modelPixelScale } : null,
    geo.modelTiepoint ? { tag: 33922, type: Type.double, values: geo.modelTiepoint } : null,
    geo.modelTransformation ? { tag: 34264, type: Type.double, values: geo.modelTransformation } : null,
    geo.geoKeyDirectory ? { tag: 34735, type: Type.short, values: geo.geoKeyDirectory } : null,
    geo.geoDoubleParams ? { tag: 34736, type: Type.double, values: geo.geoDoubleParams } : null,
    geo.geoAsciiParams ? { tag: 34737, type: Type.ascii, values: geo.geoAsciiParams } : null,
  ]
  return entries.filter((entry) => entry !== null)
}

/** An image file directory that stands at `start`, and behind it the values that do not fit into their entries. */
function directory(entries: readonly Entry[], start: number, big: boolean): Buffer {
  const inline = big ? 8 : 4
  const entryBytes = big ? 20 : 12
  const headBytes = (big ? 8 : 2) + entries.length * entryBytes + inline
  const values = entries.map(valueBytes)
  const outside = values.reduce((sum, bytes) => sum + (bytes.length > inline ? even(bytes.length) : 0), 0)
  const buffer = Buffer.alloc(even(headBytes) + outside)
  if (big) buffer.writeBigUInt64LE(BigInt(entries.length), 0)
  else buffer.writeUInt16LE(entries.length, 0)
  let at = big ? 8 : 2
  let free = even(headBytes)
  entries.forEach(({ tag, type }, i) => {
    const bytes = values[i]!
    const count = bytes.length / typeBytes[type]
    buffer.writeUInt16LE(tag, at)
    buffer.writeUInt16LE(type, at + 2)
    if (big) buffer.writeBigUInt64LE(BigInt(count), at + 4)
    else buffer.writeUInt32LE(count, at + 4)
    const value = at + entryBytes - inline
    if (bytes.length <= inline) bytes.copy(buffer, value)
    else {
      if (big) buffer.writeBigUInt64LE(BigInt(start + free), value)
      else buffer.writeUInt32LE(start + free, value)
      bytes.copy(buffer, free)
      free += even(bytes.length)
    }
    at += entryBytes
  })
  return buffer
}

const even = (n: number): number => n + (n % 2)

function valueBytes({ type, values }: Entry): Buffer {
  if (typeof values === 'string') return Buffer.from(`${values}\0`, 'latin1')
  const bytes = Buffer.alloc(values.length * typeBytes[type])
  values.forEach((value, i) => {
    if (type === Type.short) bytes.writeUInt16LE(value, i * 2)
    else if (type === Type.long) bytes.writeUInt32LE(value, i * 4)
    else if (type === Type.long8) bytes.writeBigUInt64LE(BigInt(value), i * 8)
    else bytes.writeDoubleLE(value, i * 8)
  })
  return bytes
}

/** GDAL's "persistent auxiliary metadata": names of the values 0, 1, …. */
function categories(classes: readonly string[]): string {
  const escaped = (text: string): string =>
    text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign)
  const names = classes.map((name) => `      <Category>${escaped(name)}</Category>`)
  return `<PAMDataset>
  <PAMRasterBand band="1">
    <CategoryNames>
${names.join('\n')}
    </CategoryNames>
  </PAMRasterBand>
</PAMDataset>
`
}
