import type { Compared } from '#shared/training/compareRuns'
import { bestAccuracies, spreadOf, welchTest } from '#shared/training/noise'
import { t } from '../i18n'

/** As usual: one in twenty differences that are mere chance is taken for a real one. */
const significance = 0.05

/** Whether one of two columns is better than chance alone makes it, in plain words; null where that is not the question. */
export function noiseText(compared: readonly Compared[]): string | null {
  const [first, second] = compared
  if (!first || !second || compared.length > 2) return null
  const [a, b] = [bestAccuracies(first.states), bestAccuracies(second.states)]
  if (a.length < 2 || b.length < 2) return t('compare.noise.unknown')
  const difference = spreadOf(a).mean - spreadOf(b).mean
  const { p } = welchTest(a, b)
  const named = {
    name: difference > 0 ? first.name : second.name,
    points: (Math.abs(difference) * 100).toFixed(1),
    p: p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`,
  }
  return t(p < significance ? 'compare.noise.real' : 'compare.noise.chance', named)
}
