import { createHash, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { displayOf, type DisplaySettings } from '#shared/data/displayBands'
import type { DataSurvey, ImageListing } from '#shared/data/survey'
import type { DataSettings } from '#shared/project/schema'
import { InterlockError } from '#shared/issues/errors'
import type { DataEvent, SurveyService, ThumbnailAnswer } from '#shared/rpc/services'
import { isHeldOutDigit, readDigits } from '../storage/digits'
import { skipReason, type ImageStore } from '../storage/gatherImages'
import { encodeThumbnail } from '../storage/survey/drawThumbnail'
import { measurePixels } from '../storage/survey/measurePixels'
import type { ImageData } from './dataService'
import { sourcePathOf, type ImageSource } from './imageSource'
import { dealClass } from './imageSplit'
import { sumUp, surveyFiles, type SurveyedImages } from './surveySource'

/** How often it is told how far a survey is, in milliseconds. */
const tellEvery = 100

interface Listed {
  listing: ImageListing
  projectFile: string | null
  source: ImageSource
  files: readonly string[]
  labels: Int32Array
  /** Once they were looked at: another split or another image left out needs no second look. */
  surveyed: SurveyedImages | null
}

/** The images of one window's data, one by one. */
export class ImageSurveys implements SurveyService {
  private listed: Listed | null = null
  private surveying: AbortController | null = null

  constructor(
    private readonly images: ImageStore,
    private readonly data: Pick<ImageData, 'open'>,
    private readonly tell: (event: DataEvent) => void,
  ) {}

  async list(data: DataSettings, projectFile: string | null): Promise<ImageListing> {
    const source = await this.data.open(data, projectFile)
    const classes = source.folder === null ? await digitClasses() : folderClasses(source)
    const listing = {
      id: randomInt(1, 2 ** 31),
      folder: source.folder === null ? '' : source.source,
      classes,
    }
    this.surveying?.abort()
    this.listed = {
      ...{ listing, source, projectFile, surveyed: null },
      files: classes.flatMap(({ files }) => files),
      labels: Int32Array.from(classes.flatMap(({ files }, label) => files.map(() => label))),
    }
    return listing
  }

  async survey(id: number, data: DataSettings): Promise<DataSurvey | null> {
    const listed = this.find(id)
    this.surveying?.abort()
    const surveying = (this.surveying = new AbortController())
    let told = 0
    const options = {
      signal: surveying.signal,
      onProgress: (done: number, total: number) => {
        const now = Date.now()
        if (now - told < tellEvery && done < total) return
        told = now
        this.tell({ type: 'surveying', done, total })
      },
    }
    try {
      listed.surveyed ??= await (listed.source.folder === null
        ? surveyDigits(options)
        : surveyFiles(this.images, listed.listing.folder, listed.files, options))
      // The split may be another one since the listing.
      const source = await this.data.open(data, listed.projectFile)
      const trained = trainedOf({ ...listed, source }, data)
      return sumUp(listed.surveyed, { labels: listed.labels, trained }, id)
    } catch (thrown) {
      if (surveying.signal.aborted) return null
      throw thrown
    }
  }

  stop(): Promise<void> {
    this.surveying?.abort()
    return Promise.resolve()
  }

  async thumbnails(
    id: number,
    images: readonly number[],
    side: number,
    settings: DisplaySettings,
  ): Promise<ThumbnailAnswer[]> {
    const { source, listing, files } = this.find(id)
    const target = { side, display: displayOf(settings), format: 'webp' } as const
    if (source.folder === null) return Promise.all(images.map((image) => digitThumbnail(image)))
    return Promise.all(
      images.map(async (image) => {
        const file = files[image]
        if (file === undefined) return { problem: 'there is no such image' }
        try {
          return await this.images.pool.thumbnail(join(listing.folder, file), target)
        } catch (thrown) {
          return { problem: skipReason(thrown) }
        }
      }),
    )
  }

  private find(id: number): Listed {
    if (this.listed?.listing.id !== id) throw new InterlockError('LISTING_GONE')
    return this.listed
  }
}

function folderClasses({ folder }: ImageSource): ImageListing['classes'] {
  return (folder?.classes ?? []).map(({ name, files }) => ({
    name,
    files: files.map((file) => sourcePathOf(folder!, file)),
  }))
}

/** Whether each image is trained on (null: it is left out); as a training would split them, if all of them can be read. */
function trainedOf({ listing, source, files }: Listed, data: DataSettings): (boolean | null)[] {
  const trained = new Array<boolean | null>(files.length).fill(false)
  let first = 0
  for (const [label, { files: own }] of listing.classes.entries()) {
    const positions = Array.from(own.keys())
    if (source.folder === null) for (const i of positions) trained[first + i] = !isHeldOutDigit(first + i)
    else for (const i of dealClass(source.split, label, positions, data).training) trained[first + i] = true
    first += own.length
  }
  const excluded = new Set(data.excluded)
  files.forEach((file, i) => excluded.has(file) && (trained[i] = null))
  return trained
}

/** The digits lie class by class, as a listing has them. */
async function digitClasses(): Promise<ImageListing['classes']> {
  const { images, classes } = await readDigits()
  return classes.map((name, label) => {
    const count = images.labels.filter((one) => one === label).length
    return { name, files: Array.from({ length: count }, (_, i) => `${name}/${i + 1}`) }
  })
}

async function surveyDigits(options: {
  signal: AbortSignal
  onProgress(done: number, total: number): void
}): Promise<SurveyedImages> {
  const { images } = await readDigits()
  const { count, height, width } = images
  const found: SurveyedImages = { images: [], unreadable: [], known: 0 }
  for (let i = 0; i < count; i++) {
    const pixels = images.pixels.subarray(i * height * width, (i + 1) * height * width)
    const measures = measurePixels(pixels, { height, width, channels: 1 }, 255)
    const survey = {
      ...measures,
      height,
      width,
      names: null,
      pixels: height * width,
      scale: 255,
      warnings: [],
    }
    found.images.push({ hash: createHash('sha256').update(pixels).digest('hex').slice(0, 32), survey })
    if (i % 200 !== 199) continue
    options.onProgress(i + 1, count)
    await setImmediate()
    options.signal.throwIfAborted()
  }
  return found
}

async function digitThumbnail(image: number): Promise<ThumbnailAnswer> {
  const { images } = await readDigits()
  const { height, width } = images
  if (image >= images.count) return { problem: 'there is no such image' }
  const pixels = images.pixels.subarray(image * height * width, (image + 1) * height * width)
  return { image: await encodeThumbnail(pixels, { width, height }, 1), width, height, bands: 1 }
}
