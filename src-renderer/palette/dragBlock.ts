/** Native drag and drop of a block type from the palette to the canvas. */
const mimeType = 'application/x-interlock-block'

export function startBlockDrag(event: DragEvent, type: string): void {
  if (!event.dataTransfer) return
  event.dataTransfer.setData(mimeType, type)
  event.dataTransfer.effectAllowed = 'copy'
}

export function isBlockDrag(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes(mimeType) ?? false
}

/** The dragged type; readable on drop only. */
export function draggedType(event: DragEvent): string | null {
  return event.dataTransfer?.getData(mimeType) || null
}
