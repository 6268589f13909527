/** What an image is for: the network learns from it, is watched with it after every epoch, or is judged by it in the end. */
export type Part = 'training' | 'validation' | 'test'

export const parts: readonly Part[] = ['training', 'validation', 'test']

/** Blocks of the map by which images were split: side and least distance between parts, in units of the coordinate system. */
export interface SplitBlocks {
  size: number
  buffer: number
  system: string
  counts: Readonly<Record<Part, number>>
}

/** The names in a list of images, and how many of them are those of one image. */
export interface ListedNames {
  names: number
  found: number
}

const names: Readonly<Record<Part, RegExp>> = {
  training: /^train(ing)?$/i,
  validation: /^val(id|idation)?$/i,
  test: /^test(ing)?$/i,
}

/** The part that a folder of this name stands for, as data sets are handed on; null for any other name. */
export function partOfName(name: string): Part | null {
  return parts.find((part) => names[part].test(name)) ?? null
}

/** Classes that are named as parts are: most likely their folders are the split of the images, not classes of them. */
export function partNamedClasses(classes: readonly string[]): string[] {
  return classes.filter((name) => partOfName(name) !== null)
}
