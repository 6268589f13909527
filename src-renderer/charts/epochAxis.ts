import type { useChartTheme } from './chartTheme'

/** Epochs along the bottom, from 0 to `epochs`: all that are planned, so that no curve moves while it grows. */
export function epochAxis({ text, line }: ReturnType<typeof useChartTheme>['value'], epochs: number) {
  return {
    type: 'value',
    min: 0,
    max: epochs,
    minInterval: 1,
    axisLabel: { ...text, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    splitLine: { show: false },
    axisPointer: { label: { show: false } },
  }
}
