import { findBand, type BandChoice } from '#shared/data/bandChoice'
import { compileFormula, parseFormula } from '#shared/data/formula'
import { emptyPixels, type Pixels } from '#shared/engine/tensors'

/** `[pixels][needed]` to the network's bands, `[pixels][wanted]`. `needed`: which stored bands these are. Formulas need floats. */
export function combineBands(pixels: Pixels, needed: readonly number[], choice: BandChoice): Pixels {
  const { stored, wanted } = choice
  const positionOf = (name: string) => needed.indexOf(stored.indexOf(findBand(stored, name)))
  const from = needed.length
  const to = wanted.length
  const count = pixels.length / from
  const result = emptyPixels(pixels, count * to)
  wanted.forEach(({ name, formula }, band) => {
    if (formula === null) {
      const position = positionOf(name)
      for (let i = 0; i < count; i++) result[i * to + band] = pixels[i * from + position] as number
      return
    }
    const compute = compileFormula(parseFormula(formula), positionOf)
    for (let i = 0; i < count; i++) result[i * to + band] = compute(pixels, i * from)
  })
  return result
}
