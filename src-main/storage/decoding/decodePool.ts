/**
 * Decodes images in a few processes of their own. They are started when there is work and ended when there is none for a
 * while. When one dies, the files it had are tried again, each alone in a process: who kills that too is refused.
 */
import { availableParallelism } from 'node:os'
import type { ImageFacts } from '#shared/data/imageFacts'
import { InterlockError } from '#shared/issues/errors'
import type { ImageTarget } from '../fitPixels'
import type { Thumbnail, ThumbnailTarget } from '../survey/drawThumbnail'
import type { SurveyedImage } from '../survey/surveyImage'
import type { DecodedImage, DecoderAnswer, DecoderProcess, DecoderWork, WorkKind } from './decoderMessage'

export interface DecodePoolOptions {
  start(): DecoderProcess
  /** Most processes at once. */
  most?: number
  /** A file that takes longer is given up, in milliseconds. */
  timeLimit?: number
  /** A process without work ends after so many milliseconds. */
  idleLimit?: number
}

interface Job {
  kind: WorkKind
  file: string
  target: DecoderWork[WorkKind]['target']
  resolve(result: DecoderWork[WorkKind]['result']): void
  reject(error: InterlockError): void
  /** It was with a process that died. */
  suspect: boolean
}

interface Slot {
  process: DecoderProcess
  /** Oldest first: the one the process is at. */
  jobs: Map<number, Job>
  timer: NodeJS.Timeout | undefined
}

/** The next file waits in the process while an answer is on its way. */
const jobsAhead = 2

/** Waiting files that are worth another process. */
const worthAnother = 8

export class DecodePool {
  private readonly slots = new Set<Slot>()
  private queue: Job[] = []
  private nextId = 1
  private disposed = false
  private readonly most: number
  private readonly timeLimit: number
  private readonly idleLimit: number

  constructor(private readonly options: DecodePoolOptions) {
    this.most = options.most ?? Math.min(16, availableParallelism())
    this.timeLimit = options.timeLimit ?? 30_000
    this.idleLimit = options.idleLimit ?? 5_000
  }

  /** How many files may be asked for at once to keep every process busy. */
  get width(): number {
    return this.most * (jobsAhead + 1)
  }

  /** Throws IMAGE_UNREADABLE, FILE_UNREADABLE, FILE_NOT_FOUND. */
  decode(file: string, target: ImageTarget): Promise<DecodedImage> {
    return this.ask('pixels', file, target)
  }

  /** Size and bands from the header. Throws as {@link decode}. */
  facts(file: string): Promise<ImageFacts> {
    return this.ask('facts', file, null)
  }

  /** Hash of the file's content, as in {@link DecodedImage}. Throws FILE_UNREADABLE, FILE_NOT_FOUND. */
  hash(file: string): Promise<string> {
    return this.ask('hash', file, null)
  }

  /** What a survey knows of a file. Throws as {@link decode}. */
  survey(file: string): Promise<SurveyedImage> {
    return this.ask('survey', file, null)
  }

  /** A small picture of a file. Throws as {@link decode}. */
  thumbnail(file: string, target: ThumbnailTarget): Promise<Thumbnail> {
    return this.ask('thumbnail', file, target)
  }

  /** Ends all processes; what is under way and what is asked for later is refused. */
  dispose(): void {
    this.disposed = true
    const jobs = [...this.queue, ...[...this.slots].flatMap((slot) => [...slot.jobs.values()])]
    this.queue = []
    for (const slot of this.slots) this.end(slot)
    for (const job of jobs) job.reject(closing())
  }

  private ask<K extends WorkKind>(
    kind: K,
    file: string,
    target: DecoderWork[K]['target'],
  ): Promise<DecoderWork[K]['result']> {
    return new Promise((resolve, reject) => {
      if (this.disposed) return reject(closing())
      const settle = resolve as Job['resolve']
      this.queue.push({ kind, file, target, resolve: settle, reject, suspect: false })
      this.pump()
    })
  }

  private pump(): void {
    for (;;) {
      const job = this.queue[0]
      if (job === undefined) return
      const slot = this.slotFor(job)
      if (slot === null) return
      this.queue.shift()
      const id = this.nextId++
      slot.jobs.set(id, job)
      slot.process.setWaiting(true)
      if (slot.jobs.size === 1) this.watch(slot)
      slot.process.post({ id, kind: job.kind, file: job.file, target: job.target })
    }
  }

  /** Where a file goes now; null: it waits. */
  private slotFor(job: Job): Slot | null {
    const slots = [...this.slots]
    const empty = slots.find(({ jobs }) => jobs.size === 0)
    if (empty) return empty
    const room = this.slots.size < this.most
    if (room && (job.suspect || slots.length === 0 || this.queue.length >= worthAnother)) return this.start()
    if (job.suspect) return null
    const free = slots.filter(({ jobs }) => jobs.size < jobsAhead && ![...jobs.values()].some(isSuspect))
    return (
      free[0] ?? (room && slots.every(({ jobs }) => [...jobs.values()].some(isSuspect)) ? this.start() : null)
    )
  }

  private start(): Slot {
    const slot: Slot = { process: this.options.start(), jobs: new Map(), timer: undefined }
    this.slots.add(slot)
    slot.process.onAnswer((answer) => this.receive(slot, answer))
    slot.process.onExit((how) => this.died(slot, how))
    return slot
  }

  private receive(slot: Slot, answer: DecoderAnswer): void {
    const job = slot.jobs.get(answer.id)
    if (!job) return
    slot.jobs.delete(answer.id)
    if ('error' in answer) job.reject(InterlockError.fromData(answer.error))
    else job.resolve(answer.result)
    this.watch(slot)
    this.pump()
  }

  /** Starts the clock for the file the process is at now, or for its idleness. */
  private watch(slot: Slot): void {
    clearTimeout(slot.timer)
    const [current] = slot.jobs
    if (current === undefined) {
      slot.process.setWaiting(false)
      slot.timer = setTimeout(() => this.end(slot), this.idleLimit).unref()
      return
    }
    slot.timer = setTimeout(() => {
      const [id, job] = current
      slot.jobs.delete(id)
      job.reject(refusal(job.file, `decoding took more than ${this.timeLimit / 1000} s and was given up`))
      this.end(slot)
      this.requeue([...slot.jobs.values()])
    }, this.timeLimit)
  }

  private died(slot: Slot, how: string): void {
    if (!this.slots.has(slot)) return
    this.end(slot)
    const jobs = [...slot.jobs.values()]
    for (const job of jobs.filter(isSuspect))
      job.reject(refusal(job.file, `the decoder broke down on it (${how})`))
    const others = jobs.filter((job) => !job.suspect)
    for (const job of others) job.suspect = true
    this.requeue(others)
  }

  private requeue(jobs: readonly Job[]): void {
    this.queue = [...jobs, ...this.queue]
    this.pump()
  }

  private end(slot: Slot): void {
    clearTimeout(slot.timer)
    this.slots.delete(slot)
    slot.process.setWaiting(false)
    slot.process.kill()
  }
}

const isSuspect = ({ suspect }: Job): boolean => suspect

function refusal(file: string, problem: string): InterlockError {
  return new InterlockError('IMAGE_UNREADABLE', { file, problem })
}

function closing(): InterlockError {
  return new InterlockError('ENGINE_STOPPED', { problem: 'Interlock is being closed' })
}
