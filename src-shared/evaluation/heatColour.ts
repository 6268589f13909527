/** Colours of a confusion matrix: blue where the class was right, orange where it was another; both hues are of Okabe & Ito 2008. */

export interface HeatColour {
  background: string
  /** Black or white, whichever stands out more: at least 4.5:1 on every colour there is. */
  text: string
}

type Rgb = readonly [number, number, number]

const ends: Readonly<Record<'light' | 'dark', { none: Rgb; right: Rgb; wrong: Rgb }>> = {
  light: { none: [255, 255, 255], right: [0, 98, 160], wrong: [213, 94, 0] },
  dark: { none: [26, 30, 36], right: [86, 180, 233], wrong: [245, 140, 60] },
}

/** `share` of the true class's images, 0 to 1. Small shares are what one looks for, so colour grows with the root. */
export function heatColour(kind: 'right' | 'wrong', share: number, theme: 'light' | 'dark'): HeatColour {
  const { none, [kind]: full } = ends[theme]
  const amount = Math.sqrt(Math.min(1, Math.max(0, share)))
  const rgb = none.map((from, i) => Math.round(from + (full[i]! - from) * amount))
  const background = `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`
  return { background, text: luminance(rgb) > 0.179 ? '#000000' : '#ffffff' }
}

/** Relative luminance (WCAG 2.2); at 0.179 black and white have the same contrast, 4.58:1. */
export function luminance(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
