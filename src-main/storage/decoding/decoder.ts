/** Entry of a decoder process: a file that kills or hangs a native decoder takes this process with it and nothing else. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { toInterlockError } from '#shared/issues/errors'
import { readBytes } from '../atomicFile'
import { bandParts } from '../bandFiles'
import { decodeBands, readBandFacts } from '../decodeBands'
import { decodeImage, newNotes, readImageFacts } from '../decodeImage'
import { readImageHeader } from '../imageHeader'
import { sumBands } from '../measureNormalisation'
import { drawThumbnail, type ThumbnailTarget } from '../survey/drawThumbnail'
import { surveyImage, type ReadableImage } from '../survey/surveyImage'
import type { DecoderAnswer, DecoderRequest, DecoderWork, WorkKind } from './decoderMessage'

/** Electron's end of the line to the process that started this one. */
interface UtilityPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: unknown): void
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

async function work({ kind, file, target }: DecoderRequest): Promise<DecoderWork[WorkKind]['result']> {
  const names = bandParts(file)
  if (kind === 'facts')
    return names === null ? readImageHeader(file) : readBandFacts(names, (part) => readImageHeader(part.file))
  const parts = await Promise.all(
    (names ?? [{ file, band: '' }]).map(async (part) => ({ ...part, bytes: await readBytes(part.file) })),
  )
  const hash = (): string => {
    const [first, ...others] = parts.map(({ bytes }) => hashOf(bytes))
    return others.length === 0 ? first! : hashOf(Buffer.from([first, ...others].join(' ')))
  }
  if (kind === 'hash') return hash()
  const only = names === null ? parts[0]!.bytes : null
  const image: ReadableImage = {
    facts: () =>
      only === null
        ? readBandFacts(parts, (part) => readImageFacts(part.file, part.bytes))
        : readImageFacts(file, only),
    decode: (wanted, notes) =>
      only === null ? decodeBands(file, parts, wanted, notes) : decodeImage(file, only, wanted, notes),
  }
  if (kind === 'survey') return { hash: hash(), survey: await surveyImage(image) }
  if (kind === 'thumbnail') return drawThumbnail(image, target as ThumbnailTarget)
  const wanted = target as DecoderWork['pixels']['target']
  const notes = newNotes()
  const pixels = await image.decode(wanted, notes)
  const { height, width } = notes.size ?? wanted
  return {
    ...{ pixels, hash: hash(), check: crc32(pixels), sums: sumBands(pixels, wanted.channels) },
    resized: height !== wanted.height || width !== wanted.width,
  }
}

let last = Promise.resolve()

function take(request: DecoderRequest, answer: (answer: DecoderAnswer) => void): void {
  last = last.then(async () => {
    const { id } = request
    try {
      answer({ id, result: await work(request) })
    } catch (thrown) {
      answer({ id, error: toInterlockError(thrown).toData() })
    }
  })
}

const utilityPort = (process as { parentPort?: UtilityPort }).parentPort
if (utilityPort) {
  utilityPort.on('message', ({ data }) =>
    take(data as DecoderRequest, (answer) => utilityPort.postMessage(answer)),
  )
} else {
  // Ctrl-C reaches every process of a terminal; whoever started this one decides when it ends.
  process.on('SIGINT', () => undefined)
  process.on('disconnect', () => process.exit(0))
  process.on('message', (request) => take(request as DecoderRequest, (answer) => process.send?.(answer)))
}
