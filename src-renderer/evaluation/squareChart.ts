/** What the charts of two shares have in common: both axes from 0 to 1. */
import type { useChartTheme } from '../charts/chartTheme'

type Theme = ReturnType<typeof useChartTheme>['value']

/** Options of a chart without its series. */
export function squareOption(theme: Theme, xName: string, yName: string) {
  const axis = {
    type: 'value',
    min: 0,
    max: 1,
    interval: 0.25,
    axisLabel: theme.text,
    nameLocation: 'middle',
    nameTextStyle: theme.text,
    splitLine: { lineStyle: { color: theme.line } },
    axisLine: { show: false },
  }
  return {
    animation: false,
    textStyle: theme.text,
    grid: { left: 52, right: 12, top: 10, bottom: 42 },
    xAxis: { ...axis, name: xName, nameGap: 24 },
    yAxis: { ...axis, name: yName, nameGap: 36 },
  }
}

/** The line where both shares are the same. */
export function evenLine(theme: Theme, name: string) {
  return {
    name,
    type: 'line',
    data: [
      [0, 0],
      [1, 1],
    ],
    showSymbol: false,
    silent: true,
    color: theme.text.color,
    lineStyle: { width: 1, type: [4, 3] },
    tooltip: { show: false },
  }
}
