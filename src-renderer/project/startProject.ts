/** What the window starts with, and new projects from templates. */
import { newProject } from '#shared/project/newProject'
import type { DataSettings, ProjectFile } from '#shared/project/schema'
import type { DataSummary } from '#shared/rpc/services'
import { templateByName } from '#shared/templates/index'

export const digitsSource = 'sample:digits'
const digits = { input: [28, 28, 1], classes: 10 } as const

/** Larger images are brought to this size by templates; the input block can be set to any other. */
const largestSide = 64

/** The first thing people see: LeNet with the bundled digits, ready to train. */
export function startProject(): ProjectFile {
  const project = templateByName('lenet').build(digits)
  return { ...project, data: { ...project.data, source: digitsSource } }
}

/** `[height, width, bands]` for a network that is to see these images. */
export function inputSize({ size: [height, width], bands }: DataSummary): [number, number, number] {
  const scale = Math.min(1, largestSide / Math.max(height, width))
  return [Math.round(height * scale), Math.round(width * scale), bands]
}

/**
 * A template fitted to images: their bands and classes, their size up to a limit; `data` are the settings they were looked at
 * with. Without images it takes the digits.
 */
export function fromTemplate(
  name: string,
  images: DataSummary | null,
  data: DataSettings = newProject().data,
): ProjectFile {
  if (!images) {
    const project = templateByName(name).build(digits)
    return { ...project, data: { ...project.data, source: digitsSource } }
  }
  const project = templateByName(name).build({
    input: inputSize(images),
    classes: images.classes.length,
  })
  return { ...project, data: { ...data, source: images.source } }
}

/** Nothing on the canvas yet. */
export function emptyProject(): ProjectFile {
  return newProject({ graph: { blocks: [], connections: [], groups: [], notes: [] } })
}
