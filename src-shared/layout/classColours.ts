/**
 * A colour for each class, `[red, green, blue]` in 0 … 255: first the colours of Okabe & Ito 2008 ("Color Universal Design"), which stay
 * apart for colour-blind eyes; beyond their eight, hues a golden angle (137.5°) apart, in three lightnesses.
 */
export type Colour = readonly [red: number, green: number, blue: number]

const okabeIto: readonly Colour[] = [
  [0, 158, 115],
  [230, 159, 0],
  [86, 180, 233],
  [213, 94, 0],
  [0, 114, 178],
  [240, 228, 66],
  [204, 121, 167],
  [120, 120, 120],
]

export function classColours(count: number): Colour[] {
  return Array.from({ length: count }, (_, i) => okabeIto[i] ?? further(i - okabeIto.length))
}

function further(i: number): Colour {
  const lightness = [0.45, 0.62, 0.32][i % 3]!
  return hslToRgb((i * 137.508) % 360, 0.6, lightness)
}

/** CSS Color Module Level 3, section 4.2.4. Hue in degrees, the others in 0 … 1. */
function hslToRgb(hue: number, saturation: number, lightness: number): Colour {
  const amplitude = saturation * Math.min(lightness, 1 - lightness)
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}
