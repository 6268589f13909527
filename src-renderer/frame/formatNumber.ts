/** How numbers are written on screen: full below a million with thin grouping, then with a unit and three digits. */
const full = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const percent = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})

const wholePercent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

/** `61,706`. */
export function fullNumber(n: number): string {
  return full.format(n)
}

/** `61,706`, but `2.36M` from a million on, for places with little room. */
export function shortNumber(n: number): string {
  return Math.abs(n) < 1_000_000 ? full.format(n) : short.format(n)
}

/** `0.9512` as `95.1%`. */
export function percentText(share: number): string {
  return percent.format(share)
}

/** `0.123` as `12%`. */
export function wholePercentText(share: number): string {
  return wholePercent.format(share)
}

/** `+1,200` or `−300`; `±0` for no change. */
export function changeText(n: number): string {
  if (n === 0) return '±0'
  return n > 0 ? `+${full.format(n)}` : `−${full.format(-n)}`
}

const bytes = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** `348 kB`, `12.3 MB`, `1.2 GB`; nothing is `0 MB`. */
export function bytesText(n: number): string {
  if (n === 0) return '0 MB'
  if (n < 1e6) return `${bytes.format(Math.max(1, n / 1e3))} kB`
  return n < 1e9 ? `${bytes.format(n / 1e6)} MB` : `${bytes.format(n / 1e9)} GB`
}

/** A time that is only about right: `0.4 s`, `12 s`, `2 min 05 s`. */
export function aboutText(seconds: number): string {
  if (seconds >= 10) return durationText(seconds)
  return `${bytes.format(Number(seconds.toPrecision(2)))} s`
}

/** A learning rate in three digits: `0.00123`, `1e-7`. */
export function rateText(rate: number): string {
  return String(Number(rate.toPrecision(3)))
}

/** Seconds as `8 s`, `2 min 05 s` or `1 h 20 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
