/** Small real data and networks that train in a second. */
import { join } from 'node:path'
import { newProject } from '#shared/project/newProject'
import type { ProjectFile } from '#shared/project/schema'
import { uniform } from '../../../src-main/storage/split'
import { noise, plain, put } from '../storage/testImages'
import { tiffFile } from '../storage/tiffFile'

/** `count` noisy pictures a class, each class of another brightness. */
export async function classFolder(
  folder: string,
  classes: readonly string[],
  count: number,
): Promise<string> {
  for (const [label, name] of classes.entries()) {
    const level = Math.round((255 * (label + 0.5)) / classes.length)
    for (let i = 0; i < count; i++) {
      const speck = await noise(3, 3, label * 100 + i + 1)
        .png()
        .toBuffer()
      const bytes = await plain(12, 12, [level, level, level])
        .composite([{ input: speck }])
        .png()
        .toBuffer()
      put(folder, join(name, `${String(i).padStart(3, '0')}.png`), bytes)
    }
  }
  return folder
}

/** Dense layers on 8×8 grey images. */
export function smallProject(source: string | null, classes: number, epochs = 2): ProjectFile {
  return newProject({
    name: 'Small',
    graph: {
      blocks: [
        { id: 'in', type: 'input', params: { height: 8, width: 8, channels: 1 } },
        { id: 'flat', type: 'flatten', params: {} },
        { id: 'd1', type: 'dense', params: { units: 16, activation: 'relu' } },
        { id: 'd2', type: 'dense', params: { units: classes } },
        { id: 'out', type: 'output', params: {} },
      ],
      connections: [
        { from: 'in', to: 'flat' },
        { from: 'flat', to: 'd1' },
        { from: 'd1', to: 'd2' },
        { from: 'd2', to: 'out' },
      ],
      groups: [],
      notes: [],
    },
    data: { source },
    training: { epochs, batchSize: 8 },
  })
}

/** Side of a field in tiles, and of a tile in metres. */
const fieldSide = 4
export const tileSide = 80
export const fieldMetres = fieldSide * tileSide

/**
 * A landscape of 24×24 georeferenced tiles of eight bands, in which nothing can be learnt but to know a place again: each field of 4×4
 * tiles has a class and a colour by lot. Dealt out by chance, every tile to validate has neighbours of its colour among those learnt; by
 * whole fields, its colour was never seen.
 */
export function landscape(folder: string): string {
  const random = uniform(5)
  const across = 24
  const fields = Array.from({ length: (across / fieldSide) ** 2 }, () => ({
    name: random() < 0.5 ? 'a' : 'b',
    colour: Array.from({ length: 8 }, () => 40 + 170 * random()),
  }))
  for (let row = 0; row < across; row++)
    for (let column = 0; column < across; column++) {
      const field =
        fields[Math.floor(row / fieldSide) * (across / fieldSide) + Math.floor(column / fieldSide)]!
      const pixels = Uint8Array.from({ length: 8 * 8 * 8 }, (_, i) =>
        Math.round(field.colour[i % 8]! + 4 * random()),
      )
      const place = { x: 480_000 + column * tileSide, y: 4_800_000 - row * tileSide, pixel: 10 }
      put(folder, `${field.name}/${row}-${column}.tif`, tiffFile({ height: 8, width: 8, pixels, place }))
    }
  return folder
}

/** A network for it, large enough to know every field again. */
export function landscapeProject(source: string): ProjectFile {
  const project = smallProject(source, 2, 60)
  const blocks = project.graph.blocks.map((block) =>
    block.id === 'in'
      ? { ...block, params: { height: 8, width: 8, channels: 8 } }
      : block.id === 'd1'
        ? { ...block, params: { units: 64, activation: 'relu' } }
        : block,
  )
  return {
    ...project,
    graph: { ...project.graph, blocks },
    data: { ...project.data, splitBy: 'blocks', blockSize: fieldMetres, blockBuffer: 0 },
  }
}
