/** Ids of what stands on the canvas beside blocks, whose node has their own id. */
export const groupNode = (id: string): string => `group:${id}`
export const noteNode = (id: string): string => `note:${id}`
