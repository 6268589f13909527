/** Small real data and networks that train in a second. */
import { join } from 'node:path'
import { newProject } from '#shared/project/newProject'
import type { ProjectFile } from '#shared/project/schema'
import { noise, plain, put } from '../storage/testImages'

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
