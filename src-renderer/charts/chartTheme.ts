/** Colours and text of charts, from the same theme variables as everything else. */
import { computed } from 'vue'
import { useThemeColours } from '../theme/useThemeColours'

export function useChartTheme() {
  const colours = useThemeColours(
    'group-convolution',
    'curve-validation',
    'line',
    'line-strong',
    'surface',
    'text',
    'text-muted',
  )
  return computed(() => {
    const colour = colours.value
    const fontFamily = getComputedStyle(document.documentElement).getPropertyValue('--font').trim()
    return {
      training: colour['group-convolution'],
      validation: colour['curve-validation'],
      bar: colour['group-convolution'],
      line: colour.line,
      surface: colour.surface,
      strong: colour.text,
      text: { color: colour['text-muted'], fontFamily, fontSize: 11 },
      tooltip: {
        // Drawn on the canvas: an HTML tooltip would need inline styles, which the content security policy forbids.
        renderMode: 'richText' as const,
        backgroundColor: colour.surface,
        borderColor: colour['line-strong'],
        textStyle: { color: colour.text, fontFamily, fontSize: 12 },
        confine: true,
      },
    }
  })
}
