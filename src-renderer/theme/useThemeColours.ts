import { computed, type ComputedRef } from 'vue'
import { useUiStore } from '../stores/uiStore'
import { showTheme } from './showTheme'

/**
 * Colours of the theme in force by the names of their variables, as `rgb(…)`: for drawings on a canvas, which knows neither
 * variables nor the system's colours.
 */
export function useThemeColours<Name extends string>(
  ...names: readonly Name[]
): ComputedRef<Record<Name, string>> {
  const ui = useUiStore()
  return computed(() => {
    // Named so that the colours are read anew when the theme changes; the attributes are set before they are read.
    void ui.forcedColours
    showTheme(ui.theme, ui.contrast)
    const probe = document.body.appendChild(document.createElement('span'))
    const colours = names.map((name) => {
      probe.style.color = `var(--${name})`
      return [name, getComputedStyle(probe).color]
    })
    probe.remove()
    return Object.fromEntries(colours) as Record<Name, string>
  })
}
