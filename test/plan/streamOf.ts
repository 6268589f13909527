import { MessageChannel } from 'node:worker_threads'
import type { ImageSet, ImageStream, StreamAnswer, StreamRequest } from '#shared/engine/tensors'

interface Bringing {
  order: number
  indices: Uint32Array
  brought: number
  free: number
}

/** A set as a stream over a ring of so many images, brought a few at a time by this thread, as late as it may. */
export function streamOf(images: ImageSet, ringCount: number): ImageStream & { close(): void } {
  const size = images.height * images.width * images.channels
  const ring: ImageSet = {
    ...images,
    count: ringCount,
    pixels: new Uint8Array(new SharedArrayBuffer(ringCount * size)),
    labels: new Int32Array(new SharedArrayBuffer(ringCount * 4)),
    changing: true,
  }
  const { port1, port2 } = new MessageChannel()
  let current: Bringing = { order: 0, indices: new Uint32Array(0), brought: 0, free: ringCount }
  const bring = (): void => {
    const { order, indices } = current
    const end = Math.min(indices.length, current.free, current.brought + 3)
    for (; current.brought < end; current.brought++) {
      const place = current.brought % ringCount
      const index = indices[current.brought]!
      ring.pixels.set(images.pixels.subarray(index * size, (index + 1) * size), place * size)
      ring.labels[place] = images.labels[index]!
    }
    port2.postMessage({ type: 'ready', order, images: end, decoded: 0 } satisfies StreamAnswer)
    if (end < Math.min(indices.length, current.free)) setImmediate(() => current.order === order && bring())
  }
  port2.on('message', (request: StreamRequest) => {
    if (request.type === 'order') {
      current = { order: request.order, indices: request.indices, brought: 0, free: ringCount }
    } else if (request.order === current.order) {
      // What is used is spoilt at once: who still looks at it sees it.
      for (let i = current.free - ringCount; i < request.images; i++) {
        ring.pixels.fill(0, (i % ringCount) * size, ((i % ringCount) + 1) * size)
        ring.labels[i % ringCount] = -1
      }
      current.free = request.images + ringCount
    }
    bring()
  })
  return { count: images.count, ring, port: port1, close: () => port2.close() }
}
