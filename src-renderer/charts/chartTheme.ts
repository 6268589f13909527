/** Colours and text of charts, from the same theme variables as everything else. */
import { computed } from 'vue'
import { useUiStore } from '../stores/uiStore'

export function useChartTheme() {
  const ui = useUiStore()
  return computed(() => {
    // Named so that the colours are read anew when the theme changes; the attribute is set before this runs.
    document.documentElement.dataset['theme'] = ui.theme
    const styles = getComputedStyle(document.documentElement)
    const read = (name: string) => styles.getPropertyValue(name).trim()
    const text = { color: read('--text-muted'), fontFamily: read('--font'), fontSize: 11 }
    return {
      training: read('--group-convolution'),
      validation: ui.theme === 'dark' ? '#e69f00' : '#d55e00',
      bar: read('--group-convolution'),
      line: read('--line'),
      surface: read('--surface'),
      strong: read('--text'),
      text,
      tooltip: {
        // Drawn on the canvas: an HTML tooltip would need inline styles, which the content security policy forbids.
        renderMode: 'richText' as const,
        backgroundColor: read('--surface'),
        borderColor: read('--line-strong'),
        textStyle: { color: read('--text'), fontFamily: read('--font'), fontSize: 12 },
        confine: true,
      },
    }
  })
}
