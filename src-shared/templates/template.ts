import type { ProjectFile } from '../project/schema'

/** What a template is made for. */
export interface TemplateSize {
  /** `[height, width, bands]` of the images the network sees. */
  input: readonly [number, number, number]
  classes: number
}

export interface Template {
  /** As on the command line, e.g. `vgg-small`. */
  name: string
  title: string
  /** Two lines: what it is, and what it is good for. */
  description: string
  /** A project that fits the size, with positions and sensible training settings. Pure. */
  build(size: TemplateSize): ProjectFile
}
