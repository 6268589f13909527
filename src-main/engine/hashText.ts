/**
 * 32-bit FNV-1a hash of a text's UTF-16 units. Gives every weight and dropout a random stream of its own that depends on its
 * name only, so that neither the order of blocks in the file nor a change elsewhere in the network disturbs it.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
