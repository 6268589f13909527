/**
 * A large GeoTIFF, read in windows: what a network takes as an image is cut from it and prepared exactly as an image file of that size
 * would be. Only the blocks that are asked for are in memory.
 */
import type { GeoTIFFImage } from 'geotiff'
import { neededBands } from '#shared/data/bandChoice'
import { bytesPerNumber, holds, type ImageFacts, type NumberType } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { readError } from '../atomicFile'
import { combineBands } from '../combineBands'
import { placesOf, widen } from '../decodeImage'
import { fitPixels, resizePixels, type ImageTarget } from '../fitPixels'
import { readFacts } from '../readTiff'
import type { GeoTags } from './classTiff'

/** Ends are exclusive. */
export interface PixelRect {
  left: number
  top: number
  right: number
  bottom: number
}

export interface SceneBlock {
  /**
   * A square window at a place of the block as the network takes it; null where at least half of it has no data.
   */
  window(left: number, top: number, side: number): Pixels | null
}

export interface SceneReader {
  /** Memory that a pixel of a block takes. */
  bytesPerPixel: number
  read(rect: PixelRect): Promise<SceneBlock>
}

export interface Scene {
  file: string
  width: number
  height: number
  facts: ImageFacts
  geoTags: GeoTags
  /** In m², where the coordinates are metres; else null. */
  pixelArea: number | null
  /** For windows prepared as `target` says. Throws SCENE_UNSUITABLE where the scene's bands or numbers are not those of the target. */
  readerFor(target: ImageTarget): SceneReader
  /** A picture of the whole scene, `[height][width][bands]` of some bands, its longer side `side` pixels. */
  overview(
    bands: readonly number[],
    side: number,
  ): Promise<{ height: number; width: number; values: Float32Array }>
  close(): Promise<void>
}

/** Opens a scene; reads its header only. Throws FILE_NOT_FOUND, FILE_UNREADABLE, SCENE_UNREADABLE. */
export async function openScene(file: string): Promise<Scene> {
  const { fromFile } = await import('geotiff')
  let tiff: Awaited<ReturnType<typeof fromFile>>
  try {
    tiff = await fromFile(file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== undefined) throw readError(file, thrown)
    throw unreadable(file, thrown)
  }
  try {
    const image = await tiff.getImage(0)
    const facts = await readFacts(image)
    return new TiffScene(file, image, facts, () => tiff.close())
  } catch (thrown) {
    void tiff.close()
    throw unreadable(file, thrown)
  }
}

function unreadable(file: string, thrown: unknown): InterlockError {
  const problem = thrown instanceof Error ? thrown.message : String(thrown)
  return new InterlockError('SCENE_UNREADABLE', { file, problem }, { cause: thrown })
}

class TiffScene implements Scene {
  readonly width: number
  readonly height: number
  readonly geoTags: GeoTags
  readonly pixelArea: number | null

  constructor(
    readonly file: string,
    private readonly image: GeoTIFFImage,
    readonly facts: ImageFacts,
    private readonly end: () => unknown,
  ) {
    this.width = image.getWidth()
    this.height = image.getHeight()
    this.geoTags = tagsOf(image)
    this.pixelArea = areaOf(facts)
  }

  readerFor(target: ImageTarget): SceneReader {
    const { facts, file } = this
    const numbers = target.numbers ?? 'uint8'
    const choice = target.bands ?? null
    const unsuitable = (problem: string) => new InterlockError('SCENE_UNSUITABLE', { file, problem })
    const stored = storedAs(facts)
    if (!holds(numbers, stored)) {
      throw unsuitable(`its numbers are ${facts.numbers}, the model was trained on ${numbers}`)
    }
    let samples: number[]
    if (choice === null) {
      const expected = target.channels
      // Grey from colour and colour from grey, as with image files.
      const picture = facts.kind === 'picture' && [1, 3].includes(facts.bands) && [1, 3].includes(expected)
      if (facts.bands !== expected && !picture)
        throw unsuitable(`it has ${facts.bands} bands, the model takes ${expected}`)
      samples = Array.from({ length: facts.bands }, (_, i) => i)
    } else {
      try {
        const places = placesOf(choice.stored, facts)
        samples = neededBands(choice).map((position) => places[position]!)
      } catch (thrown) {
        throw unsuitable((thrown as Error).message)
      }
    }
    const needed = choice === null ? [] : neededBands(choice)
    const channels = samples.length
    const read = async ({ left, top, right, bottom }: PixelRect): Promise<SceneBlock> => {
      const width = right - left
      const raw = await this.readValues(samples, [left, top, right, bottom])
      const missing = missingPixels(raw, channels, facts.noData)
      const values = toNumbers(raw, numbers, facts)
      return {
        window(x, y, side) {
          let absent = 0
          const window = values.slice(0, side * side * channels)
          for (let row = 0; row < side; row++) {
            const from = (y + row) * width + x
            window.set(values.subarray(from * channels, (from + side) * channels), row * side * channels)
            for (let i = from; i < from + side; i++) absent += missing[i]!
          }
          if (absent * 2 >= side * side) return null
          const size = { height: side, width: side, channels }
          if (choice === null) return fitPixels(window, size, target)
          return combineBands(resizePixels(window, size, target), needed, choice)
        },
      }
    }
    // As read, as numbers of the target, and what is missing.
    const bytesPerPixel = channels * (bytesPerNumber(stored) + bytesPerNumber(numbers)) + 1
    return { bytesPerPixel, read }
  }

  async overview(bands: readonly number[], side: number) {
    const factor = Math.min(1, side / Math.max(this.width, this.height))
    const width = Math.max(1, Math.round(this.width * factor))
    const height = Math.max(1, Math.round(this.height * factor))
    const values = new Float32Array(width * height * bands.length)
    // Strip by strip: a reduced picture of everything at once would hold the whole scene.
    const rows = Math.max(
      1,
      Math.floor((16 * 2 ** 20) / (this.width * bands.length * 4) / Math.max(1, 1 / factor)),
    )
    for (let first = 0; first < height; first += rows) {
      const last = Math.min(height, first + rows)
      const top = Math.floor((first * this.height) / height)
      const bottom = Math.max(top + 1, Math.floor((last * this.height) / height))
      const part = await this.image
        .readRasters({
          samples: [...bands],
          window: [0, top, this.width, bottom],
          width,
          height: last - first,
          interleave: true,
        })
        .catch((thrown: unknown) => Promise.reject(unreadable(this.file, thrown)))
      const { noData } = this.facts
      for (let i = 0; i < part.length; i++) {
        const value = part[i] as number
        values[first * width * bands.length + i] = value === noData ? NaN : value
      }
    }
    return { height, width, values }
  }

  close(): Promise<void> {
    this.end()
    return Promise.resolve()
  }

  private async readValues(samples: number[], window: number[]): Promise<ArrayLike<number>> {
    try {
      const isYCbCr = this.image.getFileDirectory().getValue('PhotometricInterpretation') === 6
      if (isYCbCr) return await this.image.readRGB({ window, interleave: true })
      return await this.image.readRasters({ samples, window, interleave: true })
    } catch (thrown) {
      throw unreadable(this.file, thrown)
    }
  }
}

/** The number type of the values themselves: what stands for no data is told apart, not converted. */
function storedAs({ numbers }: ImageFacts): NumberType {
  return numbers === 'uint8' || numbers === 'uint16' ? numbers : 'float32'
}

/** 1 for pixels none of whose bands has data. */
function missingPixels(values: ArrayLike<number>, channels: number, noData: number | null): Uint8Array {
  const missing = new Uint8Array(values.length / channels)
  const absent = noData === null ? NaN : values instanceof Float32Array ? Math.fround(noData) : noData
  for (let i = 0; i < missing.length; i++) {
    let all = 1
    for (let band = 0; band < channels; band++) {
      const value = values[i * channels + band]!
      if (value !== absent && !Number.isNaN(value)) all = 0
    }
    missing[i] = all
  }
  return missing
}

/** Values as decoded image files hold them: pictures are shares of full scale, missing values NaN where there is NaN. */
function toNumbers(values: ArrayLike<number>, numbers: NumberType, { kind, noData }: ImageFacts): Pixels {
  if (numbers !== 'float32') {
    const plain = values as Uint8Array | Uint16Array
    if (kind === 'picture' && numbers === 'uint16' && plain instanceof Uint8Array)
      return Uint16Array.from(plain, (byte) => byte * 257)
    return widen(plain, numbers)
  }
  if (noData === null) return values instanceof Float32Array ? values : Float32Array.from(values)
  const absent = values instanceof Float32Array ? Math.fround(noData) : noData
  return Float32Array.from(values, (value) => (value === absent ? NaN : value))
}

/** As they stand in the file. */
function tagsOf(image: GeoTIFFImage): GeoTags {
  const directory = image.getFileDirectory()
  const numbers = (
    name: 'ModelPixelScale' | 'ModelTiepoint' | 'ModelTransformation' | 'GeoKeyDirectory' | 'GeoDoubleParams',
  ) => (directory.hasTag(name) ? Array.from(directory.getValue(name) as ArrayLike<number>) : null)
  const entries = {
    modelPixelScale: numbers('ModelPixelScale'),
    modelTiepoint: numbers('ModelTiepoint'),
    modelTransformation: numbers('ModelTransformation'),
    geoKeyDirectory: numbers('GeoKeyDirectory'),
    geoDoubleParams: numbers('GeoDoubleParams'),
    geoAsciiParams: directory.hasTag('GeoAsciiParams')
      ? (directory.getValue('GeoAsciiParams') as string)
      : null,
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null)) as GeoTags
}

/** GTModelTypeGeoKey 1: projected. ProjLinearUnitsGeoKey 9001: metre, which is usual where it is not given. */
function areaOf({ geo }: ImageFacts): number | null {
  if (geo === null || geo.geoKeys['GTModelTypeGeoKey'] !== 1) return null
  const unit = geo.geoKeys['ProjLinearUnitsGeoKey'] ?? 9001
  const [, a, b, , d, e] = geo.transform
  return unit === 9001 ? Math.abs(a * e - b * d) : null
}
