/** The theme as `theme.css` reads it. */
export type Theme = 'light' | 'dark'
export type Contrast = 'normal' | 'more'

/** Puts the theme on the document. */
export function showTheme(theme: Theme, contrast: Contrast): void {
  Object.assign(document.documentElement.dataset, { theme, contrast })
}
