/**
 * Messages with large arrays over any channel: arrays travel ahead of their message in pieces of at most 16 MB, two of them
 * under way at a time, always as copies. Electron's ports lose data or crash with transfer lists (electron issues 34905, 37565) and
 * with very large messages, and shared memory cannot cross them (50291).
 */
import type { Channel } from '#shared/rpc/channel'

const pieceBytes = 16 * 1024 * 1024
const piecesUnderWay = 2
/** Arrays of one message that together stay below this travel inside it. */
const inlineBytes = 1024 * 1024

const arrayTypes = { Uint8Array, Uint16Array, Int32Array, Uint32Array, Float32Array }
type ArrayType = keyof typeof arrayTypes
type NumberArray = InstanceType<(typeof arrayTypes)[ArrayType]>

type LinkMessage =
  | { link: 'piece'; array: number; total: number; offset: number; bytes: Uint8Array }
  | { link: 'received' }
  /** `content` holds a placeholder for each array that went ahead. */
  | { link: 'message'; content: unknown }

interface Placeholder {
  arrayAhead: number
  arrayType: ArrayType
}

function isPlaceholder(value: object): value is Placeholder {
  return 'arrayAhead' in value
}

function arrayTypeOf(value: object): ArrayType | null {
  for (const name of Object.keys(arrayTypes) as ArrayType[])
    if (value instanceof arrayTypes[name]) return name
  return null
}

/** A plain value with `replace` applied to every array of numbers and every placeholder in it. */
function replaceArrays(value: unknown, replace: (leaf: NumberArray | Placeholder) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (arrayTypeOf(value) || isPlaceholder(value)) return replace(value as NumberArray | Placeholder)
  if (Array.isArray(value)) return value.map((item) => replaceArrays(item, replace))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceArrays(item, replace)]))
}

export class ChunkedLink {
  private nextArray = 1
  private underWay = 0
  private onRoom: (() => void) | null = null
  private lastSend: Promise<void> = Promise.resolve()
  private readonly arriving = new Map<number, Uint8Array<ArrayBuffer>>()
  private closed = false

  constructor(
    private readonly channel: Channel,
    private readonly onMessage: (message: unknown) => void,
    private readonly onClose: () => void,
  ) {
    channel.onMessage((message) => this.receive(message as LinkMessage))
    channel.onClose(() => this.close())
  }

  /** Messages arrive in the order of these calls. Resolves when the message has been handed over; rejects when it cannot be. */
  send(message: unknown): Promise<void> {
    const sending = this.lastSend.then(() => this.deliver(message))
    this.lastSend = sending.catch(() => {})
    return sending
  }

  private async deliver(message: unknown): Promise<void> {
    const ahead: { array: number; bytes: Uint8Array }[] = []
    let inline = 0
    const content = replaceArrays(message, (value) => {
      if (isPlaceholder(value)) throw new TypeError('A message may not hold a placeholder of its own.')
      inline += value.byteLength
      // A copy, also because cloning a view would clone the whole memory behind it.
      if (inline <= inlineBytes) return new arrayTypes[arrayTypeOf(value)!](value)
      inline -= value.byteLength
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      const array = this.nextArray++
      ahead.push({ array, bytes })
      return { arrayAhead: array, arrayType: arrayTypeOf(value)! } satisfies Placeholder
    })
    for (const { array, bytes } of ahead) await this.deliverArray(array, bytes)
    this.post({ link: 'message', content })
  }

  private async deliverArray(array: number, whole: Uint8Array): Promise<void> {
    for (let offset = 0; offset < whole.length; offset += pieceBytes) {
      while (this.underWay >= piecesUnderWay && !this.closed)
        await new Promise<void>((resolve) => {
          this.onRoom = resolve
        })
      const bytes = new Uint8Array(whole.subarray(offset, offset + pieceBytes))
      this.underWay++
      this.post({ link: 'piece', array, total: whole.length, offset, bytes })
    }
  }

  private post(message: LinkMessage): void {
    if (this.closed) throw new Error('the line is closed')
    this.channel.post(message)
  }

  private receive(message: LinkMessage): void {
    switch (message.link) {
      case 'piece': {
        const whole = this.arriving.get(message.array) ?? new Uint8Array(message.total)
        whole.set(message.bytes, message.offset)
        this.arriving.set(message.array, whole)
        this.channel.post({ link: 'received' } satisfies LinkMessage)
        return
      }
      case 'received':
        this.underWay--
        this.onRoom?.()
        return
      case 'message':
        this.onMessage(replaceArrays(message.content, (value) => this.arrived(value)))
    }
  }

  private arrived(value: NumberArray | Placeholder): NumberArray {
    if (!isPlaceholder(value)) return value
    const bytes = this.arriving.get(value.arrayAhead)
    if (!bytes) throw new Error(`array ${value.arrayAhead} did not arrive before its message`)
    this.arriving.delete(value.arrayAhead)
    return new arrayTypes[value.arrayType](bytes.buffer)
  }

  private close(): void {
    if (this.closed) return
    this.closed = true
    this.onRoom?.()
    this.onClose()
  }
}
