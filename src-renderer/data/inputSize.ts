import { computed, type ComputedRef } from 'vue'
import { useFitStore } from '../stores/fitStore'
import { useProjectStore } from '../stores/projectStore'

export interface InputSize {
  height: number
  width: number
  channels: number
}

/** What the network's input takes; null while there is none. */
export function useInputSize(): ComputedRef<InputSize | null> {
  const projects = useProjectStore()
  const fit = useFitStore()
  return computed(() => {
    const input = projects.graph.blocks.find(({ type }) => type === 'input')
    const shape = input && fit.blocks.get(input.id)?.output
    if (!shape || shape.length !== 3) return null
    const [height, width, channels] = shape as [number, number, number]
    return { height, width, channels }
  })
}
