/**
 * A trained classifier of patches, moved over a large scene: the class of every cell, as a GeoTIFF in the scene's own place. Memory
 * is bounded: the scene is read in blocks, its windows are classified in batches, the map is written by strips.
 */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { argmax } from '#shared/layout/argmax'
import { classColours } from '#shared/layout/classColours'
import { writeError } from '../storage/atomicFile'
import { imageBytes, imageLength } from '../storage/fitPixels'
import { allocate } from '../storage/pixelMemory'
import { mostClasses, noClass, writeClassTiff } from '../storage/scene/classTiff'
import type { Scene } from '../storage/scene/openScene'
import type { StoredModel } from '../storage/modelFile'
import { cellBlocks, cellGrid, expandCells, windowStart, type CellBlock, type CellGrid } from './sceneCells'
import type { EngineClient } from './engineClient'
import { inferImages, modelTarget, runnable, type InferOptions } from './predictImages'

export interface MapOptions extends InferOptions {
  /** Side of a window in the scene's pixels; null takes the larger side of the network's input. */
  patch: number | null
  /** Side of a cell in the scene's pixels; null takes half a window. */
  stride: number | null
  onProgress?(done: number, total: number): void
  signal?: AbortSignal
}

export interface SceneMap {
  grid: CellGrid
  /** Class of every cell, row by row; {@link noClass} where at least half of its window has no data. */
  cells: Uint8Array
  classes: readonly string[]
  /** Scene pixels of every class. */
  pixels: readonly number[]
  /** Scene pixels without a class. */
  unclassified: number
  /** Mean of the largest probabilities over all cells that have a class; NaN where none has. */
  confidence: number
}

/** Pixels of a scene in memory take at most so many bytes, and so do the windows of a batch. */
const blockBytes = 64 * 2 ** 20
const batchBytes = 16 * 2 ** 20
const mostInBatch = 1024

/** A map of more cells is refused; its classes alone would take this many bytes. */
const mostCells = 2 ** 28

/**
 * Classifies a scene. Throws SCENE_TOO_SMALL, SCENE_TOO_LARGE, CLASSES_TOO_MANY, what reading the scene and computing throw, and the
 * signal's reason when aborted.
 */
export async function mapScene(
  engine: EngineClient,
  stored: StoredModel,
  scene: Scene,
  options: MapOptions,
): Promise<SceneMap> {
  const { classes } = stored.model
  if (classes.length > mostClasses)
    throw new InterlockError('CLASSES_TOO_MANY', { found: classes.length, most: mostClasses })
  const { executor, threads } = options
  const target = modelTarget(stored)
  const { patch, stride } = windowSides(target, options.patch, options.stride)
  const { width, height, file } = scene
  if (width < patch || height < patch) {
    const size = `${height}×${width}`
    throw new InterlockError('SCENE_TOO_SMALL', { file, size, patch: `${patch}×${patch}` })
  }
  const grid = cellGrid(width, height, patch, stride)
  const { across, down } = grid
  if (across * down > mostCells)
    throw new InterlockError('SCENE_TOO_LARGE', { file, cells: across * down, most: mostCells })
  const reader = scene.readerFor(target)
  const cells = new Uint8Array(across * down).fill(noClass)
  const size = imageLength(target)
  const atOnce = Math.min(mostInBatch, Math.max(1, Math.floor(batchBytes / imageBytes(target))))
  // The windows of a batch, in memory that the engine shares, and the cells that they are for.
  const room = allocate(atOnce * size, target.numbers)
  let batch: number[] = []
  let done = 0
  let sure = 0
  let classified = 0

  const classify = async (): Promise<void> => {
    const count = batch.length
    if (count === 0) return
    const { height, width, channels } = target
    const labels = new Int32Array(count).fill(-1)
    const images = { count, height, width, channels, pixels: room.subarray(0, count * size), labels }
    const { probabilities } = await inferImages(engine, runnable(stored), images, { executor, threads })
    batch.forEach((cell, i) => {
      const best = argmax(probabilities, i * classes.length, classes.length)
      cells[cell] = best
      sure += probabilities[i * classes.length + best]!
      classified++
    })
    batch = []
    options.onProgress?.(done, across * down)
    options.signal?.throwIfAborted()
  }

  for (const block of cellBlocks(grid, Math.floor(blockBytes / reader.bytesPerPixel))) {
    options.signal?.throwIfAborted()
    const raster = await reader.read(block.pixels)
    for (const { cell, left, top } of windowsOf(block, grid)) {
      const window = raster.window(left, top, patch)
      done++
      if (window === null) continue
      room.set(window, batch.length * size)
      if (batch.push(cell) === atOnce) await classify()
    }
    options.onProgress?.(done, across * down)
  }
  await classify()
  const counts = countPixels(cells, grid)
  const pixels = classes.map((_, i) => counts[i] ?? 0)
  const confidence = classified === 0 ? NaN : sure / classified
  return { grid, cells, classes, pixels, unclassified: counts[noClass] ?? 0, confidence }
}

/** Sides of a window and of a cell in the scene's pixels: those asked for, or the network's input and half a window. */
export function windowSides(
  { height, width }: { height: number; width: number },
  asked: number | null,
  askedStride: number | null,
): { patch: number; stride: number } {
  const patch = asked ?? Math.max(height, width)
  return { patch, stride: askedStride ?? Math.max(1, patch >> 1) }
}

/** Before hours of work: throws FILE_UNWRITABLE where the folder of the map is not there or may not be written to. */
export async function requireMapFolder(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK)
  } catch (thrown) {
    throw writeError(file, thrown)
  }
}

/**
 * Writes the map beside its scene's coordinates, and the names of its classes beside it. Throws FILE_UNWRITABLE; nothing is left of
 * a map whose writing was called off.
 */
export async function writeSceneMap(
  file: string,
  { grid, cells, classes }: SceneMap,
  scene: Scene,
  signal?: AbortSignal,
): Promise<void> {
  const { width, height } = grid
  const raster = { width, height, classes, colours: classColours(classes.length), geo: scene.geoTags }
  await writeClassTiff(file, raster, rowsOf(cells, grid, signal))
}

async function* rowsOf(
  cells: Uint8Array,
  grid: CellGrid,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (const row of expandCells(cells, grid)) {
    signal?.throwIfAborted()
    yield row
  }
}

/** The windows of a block's cells, placed in the block's own pixels. */
function* windowsOf(
  { cells, pixels }: CellBlock,
  grid: CellGrid,
): Generator<{ cell: number; left: number; top: number }> {
  for (let y = cells.top; y < cells.bottom; y++) {
    const top = windowStart(y, grid.height, grid) - pixels.top
    for (let x = cells.left; x < cells.right; x++)
      yield { cell: y * grid.across + x, left: windowStart(x, grid.width, grid) - pixels.left, top }
  }
}

/** Scene pixels by class number; cells at the right and lower edge may be cut off. */
function countPixels(cells: Uint8Array, { width, height, stride, across, down }: CellGrid): Float64Array {
  const counts = new Float64Array(256)
  for (let y = 0; y < down; y++) {
    const rows = Math.min(stride, height - y * stride)
    for (let x = 0; x < across; x++)
      counts[cells[y * across + x]!]! += rows * Math.min(stride, width - x * stride)
  }
  return counts
}
