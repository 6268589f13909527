/** Size of a block on the canvas, in pixels at zoom 1. One size for all, so that layouts and drops need no measuring. */
export const blockWidth = 164
export const blockHeight = 148
/** Between columns: room for the size written on a connection. */
export const columnGap = 80
export const rowGap = 44
/** Positions snap to this grid. */
export const gridStep = 4
