/** Example images as a training would see them: changed by the engine's reference, which all executors are held to. */
import { join } from 'node:path'
import { displayBands, usualDisplay } from '#shared/data/displayBands'
import { bandNames, type ImageFacts } from '#shared/data/imageFacts'
import { byteScale, type Normalisation, type Pixels } from '#shared/engine/tensors'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import type { DataSettings } from '#shared/project/schema'
import type { AugmentedExample, AugmentedExampleOf } from '#shared/rpc/services'
import { bandRange } from '../storage/bandPicture'
import { readDigits } from '../storage/digits'
import type { DecodePool } from '../storage/decoding/decodePool'
import { fitPixels, type ImageTarget } from '../storage/fitPixels'
import { normalisationOf, sumBands } from '../storage/measureNormalisation'
import { targetOf } from './checkProjectFits'
import type { EngineClient } from './engineClient'
import type { ImageSource } from './imageSource'
import { inspectSource } from './inspectSource'
import { encodePng } from './thumbnails'

/** Longest side of the pictures: enough to see what is done. */
const mostSide = 128
/** Images to choose from, and to measure the normalisation on. */
const mostImages = 40

interface NamedImage {
  className: string
  pixels: Pixels
}

interface ExampleImages {
  target: ImageTarget
  shown: ShownBands
  images: readonly NamedImage[]
}

/** Remembers the last images that were asked for: settings are tried out one after the other. */
export class AugmentedExamples {
  private known: { key: string; images: Promise<ExampleImages> } | null = null

  constructor(
    private readonly engine: EngineClient,
    private readonly pool: DecodePool,
  ) {}

  /** Throws IMAGE_UNREADABLE where none of the images can be read, BAND_UNKNOWN, BAND_NAMES_DIFFER. */
  async show(source: ImageSource, data: DataSettings, asked: AugmentedExampleOf): Promise<AugmentedExample> {
    const key = JSON.stringify([source.source, source.folder?.root, data, asked.target])
    if (this.known?.key !== key) this.known = { key, images: this.load(source, data, asked.target) }
    const known = this.known
    const { target, shown, images } = await known.images.catch((thrown: unknown) => {
      if (this.known === known) this.known = null
      throw thrown
    })
    const { height, width, channels, numbers = 'uint8' } = target
    const sums = images.map(({ pixels }) => sumBands(pixels, channels))
    const normalisation = normalisationOf(sums, channels, numbers, data)
    const image = asked.round % images.length
    const { className, pixels } = images[image]!
    const values = await this.engine.vary({
      images: { count: 1, height, width, channels, pixels, labels: Int32Array.of(-1) },
      ...{ normalisation, augmentation: asked.augmentation, seed: asked.seed, image },
      epochs: Array.from({ length: asked.variants }, (_, i) => asked.round * asked.variants + i + 1),
    })
    const ranges = shownRanges(pixels, channels, shown)
    const variants = Array.from({ length: asked.variants }, (_, i) => {
      const x = values.subarray(i * pixels.length, (i + 1) * pixels.length)
      return picture(withoutNormalisation(x, normalisation), ranges, target)
    })
    return {
      className,
      size: [height, width],
      original: await picture(pixels, ranges, target),
      variants: await Promise.all(variants),
    }
  }

  private async load(
    source: ImageSource,
    data: DataSettings,
    size: AugmentedExampleOf['target'],
  ): Promise<ExampleImages> {
    const found = await inspectSource(source, this.pool)
    const target = shrunk(targetOf(size, found, data))
    const images = source.folder === null ? await someDigits(target) : await this.someOfFolder(source, target)
    const names = target.bands?.wanted.map(({ name }) => name) ?? data.bandNames ?? found.bandNames
    return { target, shown: shownOf(names, found.kind, target, data), images }
  }

  private async someOfFolder({ folder, source }: ImageSource, target: ImageTarget): Promise<NamedImage[]> {
    const found: NamedImage[] = []
    let problem: InterlockError | null = null
    // One of each class after the other.
    for (let nth = 0; nth < mostImages && found.length < mostImages; nth++) {
      for (const { name, files } of folder?.classes ?? []) {
        const file = files[nth]
        if (file === undefined || found.length >= mostImages) continue
        try {
          const { pixels } = await this.pool.decode(join(folder?.folder ?? '', file), target)
          found.push({ className: name, pixels })
        } catch (thrown) {
          // The summary and the training list it.
          problem = toInterlockError(thrown)
        }
      }
    }
    if (found.length === 0)
      throw problem ?? new InterlockError('IMAGE_UNREADABLE', { file: source, problem: 'it has no images' })
    return found
  }
}

async function someDigits(target: ImageTarget): Promise<NamedImage[]> {
  const { images, classes } = await readDigits()
  const { height, width, labels } = images
  const size = height * width
  return Array.from({ length: mostImages }, (_, i) => {
    const index = labels.indexOf(i % classes.length) + Math.floor(i / classes.length)
    const digit = images.pixels.subarray(index * size, (index + 1) * size)
    const pixels = fitPixels(digit, { height, width, channels: 1 }, target)
    return { className: classes[labels[index]!]!, pixels }
  })
}

function shrunk(target: ImageTarget): ImageTarget {
  const factor = Math.min(1, mostSide / Math.max(target.height, target.width))
  const side = (length: number): number => Math.max(1, Math.round(length * factor))
  return { ...target, height: side(target.height), width: side(target.width) }
}

/** Normalised numbers as the values they were made of. */
function withoutNormalisation(
  x: Float32Array,
  { mean, std, scale = byteScale }: Normalisation,
): Float32Array {
  const channels = mean.length
  return x.map((number, i) => (number * std[i % channels]! + mean[i % channels]!) / scale)
}

/** Bands of the network that are seen, one or three, by their positions; `full`: their values are shares of full scale. */
interface ShownBands {
  bands: readonly number[]
  full: boolean
}

/** Those that the project shows, where the network gets them; else the usual ones of its own. */
function shownOf(
  names: readonly string[],
  kind: ImageFacts['kind'],
  { channels, numbers = 'uint8' }: ImageTarget,
  { display }: DataSettings,
): ShownBands {
  // Grey made of colour, or the other way round.
  const own = names.length === channels ? names : bandNames(channels)
  const { wanted } = displayBands(own, { ...usualDisplay, display })
  return {
    bands: wanted.map(({ name }) => own.indexOf(name)),
    full: kind === 'picture' && numbers === 'uint8',
  }
}

/** A band with what is black and what is white in it. */
type ShownRange = readonly [band: number, black: number, white: number]

function shownRanges(pixels: Pixels, channels: number, { bands, full }: ShownBands): ShownRange[] {
  return bands.map((band) => {
    if (full) return [band, 0, 255]
    const [black, white] = bandRange(pixels, channels, band)
    return [band, black, white > black ? white : black + 1]
  })
}

/** One band as grey, or three as red, green and blue; what is not there is black. */
function picture(
  pixels: Pixels,
  ranges: readonly ShownRange[],
  { height, width, channels }: ImageTarget,
): Promise<Uint8Array> {
  const shown = ranges.length === 1 ? 1 : 3
  const bytes = new Uint8ClampedArray(height * width * shown)
  for (let i = 0; i < bytes.length; i++) {
    const [band, black, white] = ranges[i % shown]!
    bytes[i] = ((pixels[Math.floor(i / shown) * channels + band]! - black) / (white - black)) * 255
  }
  return encodePng(new Uint8Array(bytes.buffer), width, height, shown)
}
