/** About the size of a note, by its text: enough for the overview, for selecting with a frame and for showing everything. */
import type { Note } from '#shared/graph/types'
import type { Rect } from './blockSize'
import type { NodeSize } from './flowAdapter'

export const noteWidth = 208
/** A comment that is just being written. */
export const newNote: NodeSize = { width: noteWidth, height: 44 }
const lineHeight = 18
const charactersPerLine = 30

export function noteSize(text: string): NodeSize {
  const lines = text
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / charactersPerLine)), 0)
  return { width: noteWidth, height: 20 + lines * lineHeight }
}

export function noteRect({ position: [x, y], text }: Note): Rect {
  return { x, y, ...noteSize(text) }
}
