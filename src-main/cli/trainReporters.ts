/** What a training tells while it goes on: lines of JSON for programs, lines and a bar for people. */
import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import { bytesText } from '#shared/layout/bytesText'
import type { DataSettings } from '#shared/project/schema'
import type { CarriedFrom, ImagesOrigin, RunEvent } from '#shared/training/runState'
import { runSplitText, splitWarning } from './dataText'
import { resizedText } from './sizesText'
import { grouped, percent, say } from './terminal'

export type Write = (line: object) => void

export interface Reporter {
  onEvent(event: RunEvent): void
  /** Something that people should know at once. */
  warn(text: string): void
  end(): void
}

/** One object a line, as cli.md has them. */
export function jsonReporter(write: Write): Reporter {
  // Told with the start, which readers of the first line wait for.
  let origin: ImagesOrigin | null = null
  const onEvent = (event: RunEvent) => {
    switch (event.type) {
      case 'created':
        if (event.carriedFrom) {
          const { name, carried, fresh } = event.carriedFrom
          write({ event: 'weights', from: name, carried, fresh })
        }
        return
      case 'images':
        origin = event.origin
        return
      case 'started': {
        const { executor, bytes, classes, images, split, from } = event
        const { root, names, blocks, ...dealt } = split
        write({
          event: 'start',
          executor: executor.kind,
          threads: executor.threads,
          reason: executor.reason,
          memoryBytes: bytes,
          from,
          images: images.training,
          validationImages: images.validation,
          classes,
          root,
          split: { ...dealt, ...(names.length > 0 ? { names } : {}), ...(blocks === null ? {} : { blocks }) },
          origin,
          warnings: [splitWarning(split, classes)].filter((warning) => warning !== null),
        })
        return
      }
      case 'epoch': {
        // Norms of every block are in history.json.
        const { blocks: _blocks, ...metrics } = event.metrics
        write({ event: 'epoch', ...metrics })
        return
      }
      case 'skipped':
        write({ event: 'skipped', file: event.file, reason: event.reason })
    }
  }
  return { onEvent, warn: say, end: () => undefined }
}

/** `0.00123` */
function shortRate(rate: number): string {
  return String(Number(rate.toPrecision(3)))
}

/** `9,990 images from the cache, 10 decoded (2 were damaged in the cache)` */
function originText(origin: ImagesOrigin, resize: DataSettings['resize']): string {
  const { cached, decoded, damaged, streamed, resized = 0 } = origin
  const again = damaged > 0 ? ` (${grouped(damaged)} were damaged in the cache)` : ''
  const sizes = resized > 0 ? `; ${resizedText(resized, resize)}` : ''
  const ahead = streamed ? '; they do not fit into memory and are read ahead of the training' : ''
  return `${grouped(cached)} images from the cache, ${grouped(decoded)} decoded${again}${sizes}${ahead}`
}

/** `Takes over 8 weights of “LeNet”; these start afresh: d3/kernel, d3/bias` */
function carriedText({ name, carried, fresh }: CarriedFrom): string {
  const others = fresh.length > 0 ? `; these start afresh: ${fresh.join(', ')}` : ''
  return `Takes over ${carried.length} ${carried.length === 1 ? 'weight' : 'weights'} of “${name}”${others}`
}

/** Lines and a progress bar for people, on stderr; no bar where stderr is no terminal. */
export function textReporter(): Reporter {
  const bars = new MultiBar(
    {
      stream: process.stderr,
      format: '{bar} {value}/{total} {what}',
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: false,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  // Made with the run: from then on a timer draws it and keeps the process alive until `end`.
  let bar: SingleBar | null = null
  /** The learning rate changes over the run. */
  let changes = false
  let resize: DataSettings['resize'] = 'stretch'
  const show = (done: number, total: number, what: string) => {
    bar ??= bars.create(0, 0, { what: '' })
    bar.setTotal(total)
    bar.update(done, { what })
  }
  const line = (text: string) => {
    if (process.stderr.isTTY) bars.log(`${text}\n`)
    else say(text)
  }
  const end = () => {
    if (bar === null) return
    // The last lines still wait for the bar's next drawing.
    if (process.stderr.isTTY) bars.update()
    bars.stop()
    bar = null
  }
  const onEvent = (event: RunEvent) => {
    switch (event.type) {
      case 'created': {
        const { schedule, warmup } = event.project.training
        resize = event.project.data.resize
        changes = schedule.type !== 'constant' || warmup !== null
        if (event.carriedFrom) line(carriedText(event.carriedFrom))
        return
      }
      case 'preparing':
        show(event.done, event.total, event.message.toLowerCase())
        return
      case 'skipped':
        line(`Skipped ${event.file}: ${event.reason}`)
        return
      case 'images':
        line(originText(event.origin, resize))
        return
      case 'started': {
        const { executor, bytes, images, classes, split, from } = event
        for (const told of runSplitText(split)) line(told)
        line(`Training on ${executor.name}. ${executor.reason}`)
        line(
          `${grouped(images.training)} images, ${grouped(images.validation)} to validate, ${classes.length} classes; the network takes ${bytesText(bytes)}`,
        )
        if (from.step > 0) line(`From step ${grouped(from.step + 1)}, in epoch ${from.epoch + 1}`)
        return
      }
      case 'progress':
        show(
          event.done,
          event.total,
          `epoch ${event.epoch}, ${grouped(Math.round(event.imagesPerSecond))} images/s`,
        )
        return
      case 'epoch': {
        const {
          epoch,
          loss,
          accuracy,
          valLoss,
          valAccuracy,
          seconds,
          learningRate,
          dataWait = 0,
          cacheHits = 1,
        } = event.metrics
        const waited = dataWait >= 0.01 ? `; ${percent(dataWait)} of the steps' time waiting for data` : ''
        const hits = cacheHits < 1 ? `; ${percent(cacheHits)} of the images from the cache` : ''
        const own = `loss ${loss.toFixed(4)}, accuracy ${percent(accuracy)}`
        const validation = `loss ${valLoss.toFixed(4)}, accuracy ${percent(valAccuracy)}`
        const rate = changes && learningRate !== undefined ? `; learning rate ${shortRate(learningRate)}` : ''
        line(
          `Epoch ${epoch}: ${own}; validation ${validation}; ${seconds.toFixed(1)} s${rate}${waited}${hits}`,
        )
        return
      }
      case 'finished':
      case 'failed':
        end()
    }
  }
  return { onEvent, warn: line, end }
}
