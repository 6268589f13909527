/**
 * Undo and redo without limit, as immer patches: a step costs only what it changed. Steps are labelled for the screen.
 * Edits with the same merge key that follow each other within a second become one step (typing a number, moving a block).
 */
import { enablePatches, produceWithPatches, type Draft, type Patch } from 'immer'
import { computed, shallowRef, type ShallowRef } from 'vue'

enablePatches()

interface Step {
  id: number
  label: string
  patches: Patch[]
  inverse: Patch[]
  mergeKey: string | null
  time: number
}

const mergeWithin = 1000

/**
 * Applies a patch and copies what lies on its path only. (immer's own `applyPatches` copies the patch's values as well, and
 * then every block would look changed after an undo.)
 */
function withPatch(value: unknown, path: readonly (string | number)[], patch: Patch): unknown {
  const [key, ...rest] = path
  if (key === undefined) return patch.value
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >
  if (rest.length > 0) copy[key] = withPatch(copy[key], rest, patch)
  else if (Array.isArray(copy) && typeof key === 'number' && patch.op !== 'replace')
    copy.splice(key, patch.op === 'remove' ? 1 : 0, ...(patch.op === 'add' ? [patch.value] : []))
  else if (patch.op === 'remove') delete copy[key]
  else copy[key] = patch.value
  return copy
}

function withPatches<T>(state: T, patches: readonly Patch[]): T {
  return patches.reduce<unknown>((value, patch) => withPatch(value, patch.path, patch), state) as T
}

export function useHistory<T extends object>(initial: T) {
  const state = shallowRef(initial) as ShallowRef<T>
  const past = shallowRef<readonly Step[]>([])
  const future = shallowRef<readonly Step[]>([])
  const savedStep = shallowRef(0)
  let nextId = 1

  const currentStep = computed(() => past.value.at(-1)?.id ?? 0)

  /** Applies `recipe` as one labelled step. An edit that changes nothing leaves no step. */
  function edit(label: string, recipe: (draft: Draft<T>) => void, mergeKey: string | null = null): void {
    const [next, patches, inverse] = produceWithPatches<T>(state.value, recipe)
    if (patches.length === 0) return
    state.value = next
    const time = Date.now()
    const last = past.value.at(-1)
    const step: Step = { id: nextId++, label, patches, inverse, mergeKey, time }
    if (last && mergeKey !== null && last.mergeKey === mergeKey && time - last.time < mergeWithin) {
      step.patches = [...last.patches, ...patches]
      step.inverse = [...inverse, ...last.inverse]
      past.value = [...past.value.slice(0, -1), step]
    } else {
      past.value = [...past.value, step]
    }
    future.value = []
  }

  function undo(): void {
    const step = past.value.at(-1)
    if (!step) return
    state.value = withPatches(state.value, step.inverse)
    past.value = past.value.slice(0, -1)
    future.value = [...future.value, step]
  }

  function redo(): void {
    const step = future.value.at(-1)
    if (!step) return
    state.value = withPatches(state.value, step.patches)
    future.value = future.value.slice(0, -1)
    past.value = [...past.value, { ...step, mergeKey: null }]
  }

  /** Starts afresh with another document: no steps to undo. */
  function reset(value: T): void {
    state.value = value
    past.value = []
    future.value = []
    savedStep.value = 0
  }

  return {
    state,
    edit,
    undo,
    redo,
    reset,
    markSaved: () => void (savedStep.value = currentStep.value),
    /** As `reset`, for a document that was never written where it belongs. */
    markUnsaved: () => void (savedStep.value = -1),
    undoLabel: computed(() => past.value.at(-1)?.label ?? null),
    redoLabel: computed(() => future.value.at(-1)?.label ?? null),
    dirty: computed(() => currentStep.value !== savedStep.value),
  }
}
