/**
 * Order of two texts by Unicode code points, as Python and so torchvision's ImageFolder sort.
 * JavaScript's own order compares UTF-16 units and puts characters beyond U+FFFF before U+E000…U+FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Lifts surrogates above every other unit: where two texts first differ, that gives the order of code points. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
