/** Colours and marks that keep the lines of several runs apart: each colour comes again with another mark only. */
import { computed } from 'vue'
import { useThemeColours } from '../theme/useThemeColours'

const marks = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle'] as const

export function useRunColours() {
  const colours = useThemeColours(
    'group-convolution',
    'curve-validation',
    'group-regularisation',
    'text',
    'group-activation',
  )
  const all = computed(() => Object.values(colours.value))
  return (index: number) => ({
    colour: all.value[index % all.value.length]!,
    mark: marks[index % marks.length]!,
  })
}
