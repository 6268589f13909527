/**
 * Where every tensor lives. Weights, gradients and saved values lie one after the other; activations share memory by
 * lifetime: two tensors may overlap only if no pass, in training or inference, falls into the lives of both. A pass's
 * inputs and outputs all live during that pass, so an output never overlaps an input.
 *
 * First fit, largest first (the "greedy by size" planner of Pisarchyk & Lee 2020, arXiv 2001.03288).
 */
import type { ArenaName, Pass, PlanTensor } from '#shared/engine/plan'
import type { Shape } from '#shared/ops'
import { shapeSize } from '#shared/layout/shapeText'

/** Every offset is a multiple of this many floats, so that four-wide loads stay aligned. */
export const alignment = 4

/** Likewise for activations: a cache line each, so that kernels may go beyond the end to the next full 16 values. */
const activationAlignment = 16

/** A tensor before it has a place. `aliasOf`: shares all its memory with that (earlier) tensor of equal size. */
export interface UnplacedTensor {
  name: string
  shape: Shape
  arena: ArenaName
  aliasOf: number | null
  /** Stays alive to the end of a step, so that it can be read there. */
  keep: boolean
}

/** First and last pass of a life; null where the list does not touch it. */
type Life = { first: number; last: number } | null

interface Storage {
  id: number
  size: number
  train: Life
  infer: Life
  offset: number
}

function align(size: number, arena: ArenaName): number {
  const to = arena === 'activations' ? activationAlignment : alignment
  return Math.ceil(size / to) * to
}

function overlaps(a: Life, b: Life): boolean {
  return a !== null && b !== null && a.first <= b.last && b.first <= a.last
}

/** Lives of all storages in one pass list, by storage id. */
function livesIn(
  passes: readonly Pass[],
  storageOf: readonly number[],
  kept: ReadonlySet<number>,
): Map<number, Life> {
  const lives = new Map<number, { first: number; last: number }>()
  passes.forEach((pass, index) => {
    for (const tensor of [...pass.inputs, ...pass.outputs]) {
      const storage = storageOf[tensor]!
      const life = lives.get(storage)
      if (life) life.last = index
      else lives.set(storage, { first: index, last: index })
    }
  })
  for (const [storage, life] of lives) if (kept.has(storage)) life.last = passes.length
  return lives
}

/** Lowest place where a storage meets no one it lives together with. */
function firstFit(storage: Storage, placed: readonly Storage[]): number {
  const neighbours = placed
    .filter((other) => overlaps(storage.train, other.train) || overlaps(storage.infer, other.infer))
    .sort((a, b) => a.offset - b.offset)
  let offset = 0
  for (const other of neighbours) {
    if (offset + storage.size <= other.offset) break
    offset = Math.max(offset, other.offset + other.size)
  }
  return offset
}

export interface PlannedMemory {
  tensors: PlanTensor[]
  arenas: Record<ArenaName, number>
}

/** Gives every tensor its place. With `share` false no activations share memory (for tests that read them all). */
export function planMemory(
  unplaced: readonly UnplacedTensor[],
  train: readonly Pass[],
  infer: readonly Pass[],
  share: boolean,
): PlannedMemory {
  const storageOf: number[] = []
  unplaced.forEach((tensor, id) => storageOf.push(tensor.aliasOf === null ? id : storageOf[tensor.aliasOf]!))
  const kept = new Set(storageOf.filter((_, id) => unplaced[id]!.keep))
  const trainLives = livesIn(train, storageOf, kept)
  const inferLives = livesIn(infer, storageOf, kept)

  const arenas: Record<ArenaName, number> = {
    activations: 0,
    parameters: 0,
    gradients: 0,
    state: 0,
    saved: 0,
  }
  const offsets = new Map<number, number>()
  const activations: Storage[] = []
  unplaced.forEach((tensor, id) => {
    if (tensor.aliasOf !== null) return
    const size = align(shapeSize(tensor.shape), tensor.arena)
    if (tensor.arena === 'activations' && share) {
      const storage = {
        id,
        size,
        train: trainLives.get(id) ?? null,
        infer: inferLives.get(id) ?? null,
        offset: 0,
      }
      if (storage.train || storage.infer) activations.push(storage)
    } else {
      offsets.set(id, arenas[tensor.arena])
      arenas[tensor.arena] += size
    }
  })

  const placed: Storage[] = []
  for (const storage of activations.sort((a, b) => b.size - a.size || a.id - b.id)) {
    storage.offset = firstFit(storage, placed)
    placed.push(storage)
    offsets.set(storage.id, storage.offset)
    arenas.activations = Math.max(arenas.activations, storage.offset + storage.size)
  }

  const tensors = unplaced.map(({ name, shape, arena }, id) => ({
    id,
    name,
    shape,
    arena,
    offset: offsets.get(storageOf[id]!) ?? 0,
    size: shapeSize(shape),
  }))
  return { tensors, arenas }
}
