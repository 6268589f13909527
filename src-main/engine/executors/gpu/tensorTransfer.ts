/** Tensors by name: where they live, and copies to and from the device. */
import type { Plan } from '#shared/engine/plan'
import type { NamedTensor } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { optimizerMoments, type MomentName } from '../../ops/optimizer/moments'
import { bufferUsage, mapModeRead } from './constants'
import type { DeviceGuard } from './deviceGuard'
import type { PlanBuffers } from './gpuBuffers'

interface Place {
  buffer: keyof PlanBuffers
  /** Floats. */
  offset: number
  size: number
  shape: readonly number[]
}

/** Most bytes that wait in one staging buffer. */
const stagingBytes = 64 * 1024 * 1024

/** Where a named tensor lives. Of an activation only the first `images` of the batch's images. */
export type FindPlace = (name: string, images: number) => Place

export function placeFinder(plan: Plan, batch: number): FindPlace {
  const tensors = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]))
  const moments: readonly string[] = plan.optimizer ? optimizerMoments(plan.optimizer) : []
  return (name, images) => {
    if (moments.includes(name)) {
      const size = plan.arenas.parameters
      return { buffer: name as MomentName, offset: 0, size, shape: [size] }
    }
    const tensor = tensors.get(name)
    if (!tensor) throw new InterlockError('INTERNAL', { problem: `the plan has no tensor ${name}` })
    const { arena, offset, size, shape } = tensor
    if (arena !== 'activations') return { buffer: arena, offset, size, shape }
    return { buffer: arena, offset: offset * batch, size: size * images, shape: [images, ...shape] }
  }
}

export function writeTensors(
  guard: DeviceGuard,
  buffers: PlanBuffers,
  findPlace: FindPlace,
  tensors: readonly NamedTensor[],
): void {
  // All checks first, so that a wrong one leaves everything as it was.
  const writes = tensors.map(({ name, data }) => {
    const place = findPlace(name, 0)
    if (data.length !== place.size)
      throw new InterlockError('ARGUMENT_INVALID', {
        what: name,
        expected: `${place.size} values`,
        found: data.length,
      })
    return { place, data }
  })
  for (const { place, data } of writes) {
    // A copy where the memory is shared between threads, which WebGPU need not accept.
    const own =
      data.buffer instanceof ArrayBuffer ? (data as Float32Array<ArrayBuffer>) : new Float32Array(data)
    guard.device.queue.writeBuffer(buffers[place.buffer], 4 * place.offset, own)
  }
}

export async function readTensors(
  guard: DeviceGuard,
  buffers: PlanBuffers,
  findPlace: FindPlace,
  images: number,
  names: readonly string[],
): Promise<NamedTensor[]> {
  const wanted = names.map((name) => ({ name, place: findPlace(name, images) }))
  const tensors: NamedTensor[] = []
  for (let next = 0; next < wanted.length;) {
    let bytes = 0
    const group: { name: string; place: Place; start: number }[] = []
    while (next < wanted.length && (bytes === 0 || bytes + 4 * wanted[next]!.place.size <= stagingBytes)) {
      group.push({ ...wanted[next]!, start: bytes })
      bytes += 4 * wanted[next++]!.place.size
    }
    const floats = await readRanges(
      guard,
      group.map(({ place }) => ({
        buffer: buffers[place.buffer],
        offset: 4 * place.offset,
        bytes: 4 * place.size,
      })),
    )
    for (const { name, place, start } of group)
      tensors.push({ name, shape: place.shape, data: floats.slice(start / 4, start / 4 + place.size) })
  }
  return tensors
}

/** Copies ranges (bytes, multiples of 4) into one staging buffer and from there into an array of our own. */
export async function readRanges(
  guard: DeviceGuard,
  ranges: readonly { buffer: GPUBuffer; offset: number; bytes: number }[],
): Promise<Float32Array> {
  const total = ranges.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total === 0) return new Float32Array(0)
  guard.check()
  const { device } = guard
  const staging = device.createBuffer({
    label: 'read-back',
    size: total,
    usage: bufferUsage.mapRead | bufferUsage.copyDestination,
  })
  try {
    const encoder = device.createCommandEncoder()
    let start = 0
    for (const { buffer, offset, bytes } of ranges) {
      if (bytes > 0) encoder.copyBufferToBuffer(buffer, offset, staging, start, bytes)
      start += bytes
    }
    device.queue.submit([encoder.finish()])
    await guard.wait(staging.mapAsync(mapModeRead))
    const floats = new Float32Array(staging.getMappedRange().slice(0))
    staging.unmap()
    return floats
  } finally {
    staging.destroy()
  }
}
