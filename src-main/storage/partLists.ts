/**
 * Lists of images that data sets ship (`train.txt`, `val.csv`, …): one name a line, matched with the images by base name, the ending
 * ignored. What comes after a comma, semicolon, tab or space may be anything; lines that begin with `#` are comments.
 */
import type { ListedNames, Part } from '#shared/project/parts'
import type { MeantFor } from './split'

export interface ListMatch {
  /** File by file; null: in no list. */
  meant: MeantFor
  /** Names that are no image's, that are those of several, and that stand in more than one list. */
  unknown: readonly string[]
  ambiguous: readonly string[]
  repeated: readonly string[]
  /** Images that no list names. */
  rest: number
  /** Of each list; null where there is none. */
  listed: Readonly<Record<Part, ListedNames | null>>
}

/** What a line may name, the likeliest first: all of it, its first column, its first word. */
function namesIn(line: string): string[] {
  const unquoted = (text: string) => text.trim().replace(/^"(.*)"$|^'(.*)'$/, '$1$2')
  const column = line.trim().startsWith('"') ? /^\s*"([^"]*)"/.exec(line)?.[1] : line.split(/[,;\t]/)[0]
  const candidates = [unquoted(line), unquoted(column ?? ''), line.trim().split(/\s+/)[0] ?? '']
  return [...new Set(candidates)].filter((name) => name !== '')
}

/** The lines of a list that name something. */
export function listLines(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|[\r\n]/)
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
}

const withoutEnding = (path: string) => path.replace(/(?<=[^/])\.[^./]+$/, '')
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** Whether one path is the end of the other, folder by folder. */
function sameEnd(a: string, b: string): boolean {
  return `/${a}`.endsWith(`/${b}`) || `/${b}`.endsWith(`/${a}`)
}

class ImageNames {
  private readonly byName = new Map<string, number[]>()
  private readonly folders = new Set<string>()

  constructor(private readonly files: readonly string[]) {
    files.forEach((file, i) => {
      const name = withoutEnding(baseName(file))
      const own = this.byName.get(name)
      if (own) own.push(i)
      else this.byName.set(name, [i])
      for (const folder of file.split('/').slice(0, -1)) this.folders.add(folder)
    })
  }

  /** The images a name may stand for. A folder in the name decides between several, and must be right where there is such a folder. */
  find(name: string): number[] {
    const path = name.replaceAll('\\', '/').replace(/^(\.\/)+/, '')
    for (const wanted of [path, withoutEnding(path)]) {
      const found = this.byName.get(baseName(wanted))
      if (found === undefined) continue
      const parent = wanted.split('/').at(-2)
      const there = found.filter((i) => sameEnd(withoutEnding(this.files[i] as string), wanted))
      const fitting = there.length > 0 ? there : parent !== undefined && this.folders.has(parent) ? [] : found
      // Of the same picture in two formats, the one that is named.
      const exact = fitting.filter((i) => baseName(this.files[i] as string) === baseName(path))
      if (fitting.length > 0) return exact.length === 1 ? exact : fitting
    }
    return []
  }
}

/**
 * Matches lists with images. `files`: paths with `/`. `lists`: the lines of each part's list, null where there is none; without one
 * for training, what is in no list is trained on. An image in several lists is held out: it goes to the test part, or else to
 * validation.
 */
export function matchLists(
  files: readonly string[],
  lists: Readonly<Record<Part, readonly string[] | null>>,
): ListMatch {
  const names = new ImageNames(files)
  const meant = new Array<Part | null>(files.length).fill(lists.training === null ? 'training' : null)
  const unknown: string[] = []
  const ambiguous: string[] = []
  const repeated: string[] = []
  const placed = new Map<number, Part>()
  const listed: Record<Part, ListedNames | null> = { training: null, validation: null, test: null }
  for (const part of ['test', 'validation', 'training'] as const) {
    const lines = lists[part]
    if (lines !== null) listed[part] = { names: lines.length, found: 0 }
    for (const line of lines ?? []) {
      const found =
        namesIn(line)
          .map((name) => names.find(name))
          .find((images) => images.length > 0) ?? []
      const [image] = found
      if (image === undefined) unknown.push(line)
      else if (found.length > 1) ambiguous.push(line)
      else {
        listed[part]!.found++
        if (placed.has(image) && placed.get(image) !== part) repeated.push(line)
        else {
          placed.set(image, part)
          meant[image] = part
        }
      }
    }
  }
  const rest = files.length - placed.size
  return { meant, unknown, ambiguous, repeated, listed, rest }
}
