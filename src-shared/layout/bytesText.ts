const units = ['B', 'KB', 'MB', 'GB', 'TB']

/** `1.5 GB`: two figures or more, in powers of 1,024. */
export function bytesText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}
