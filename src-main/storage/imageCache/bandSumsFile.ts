import { z } from 'zod'
import type { BandSums } from '../measureNormalisation'

const numbers = z.array(z.number())

/** Counts, sums, sums of squares, smallest and largest values, each for all bands. */
export const bandSumsSchema = z.tuple([numbers, numbers, numbers, numbers, numbers])

export function packSums({ counts, sums, squares, least, most }: BandSums): z.infer<typeof bandSumsSchema> {
  return [[...counts], [...sums], [...squares], [...least], [...most]]
}

export function unpackSums(packed: z.infer<typeof bandSumsSchema>): BandSums {
  const [counts, sums, squares, least, most] = packed
  return { counts, sums, squares, least, most }
}
