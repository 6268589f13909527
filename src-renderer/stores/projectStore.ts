/**
 * The project on screen: graph, data and training settings as plain immutable data. The one truth; canvas, inspector and
 * dock are views of it. Every change is a labelled step that can be undone.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { applyEdits } from '#shared/graph/applyEdits'
import type { Block, BlockParams, Connection, Graph, GraphEdit } from '#shared/graph/types'
import type { DataSettings, ProjectFile } from '#shared/project/schema'
import type { TrainingSettings } from '#shared/training/settings'
import { projectProblems } from '#shared/project/projectProblems'
import { layoutGraph, withPositions } from '../canvas/layoutGraph'
import { useHistory } from './history'
import { rememberSound } from '../project/soundness'
import { emptyProject } from '../project/startProject'

function connectionsBy(connections: readonly Connection[], end: 'from' | 'to'): Map<string, Connection[]> {
  const found = new Map<string, Connection[]>()
  for (const connection of connections) {
    const list = found.get(connection[end])
    if (list) list.push(connection)
    else found.set(connection[end], [connection])
  }
  return found
}

export const useProjectStore = defineStore('project', () => {
  const history = useHistory<ProjectFile>(emptyProject())
  const project = history.state
  const file = ref<string | null>(null)
  /** What the file held when it was opened or saved last; null where there is none. */
  const version = ref<string | null>(null)
  /** Width over height of the canvas, for layouts that fill it. */
  const canvasAspect = shallowRef(1.6)
  /** Counts projects loaded, so that the canvas can show each from its beginning. */
  const loads = ref(0)
  /** Problems of the opened file in places that a project has no room for (unknown keys): they would be lost by saving. */
  const unkept = shallowRef<readonly string[]>([])

  const graph = computed(() => project.value.graph)
  const blocks = computed<ReadonlyMap<string, Block>>(
    () => new Map(graph.value.blocks.map((block) => [block.id, block])),
  )
  /** Connections into and out of each block; those into it in the order of its inputs. */
  const links = computed(() => {
    const into = connectionsBy(graph.value.connections, 'to')
    for (const list of into.values()) list.sort((a, b) => (a.input ?? 0) - (b.input ?? 0))
    return { into, outOf: connectionsBy(graph.value.connections, 'from') }
  })
  const data = computed(() => project.value.data)
  const training = computed(() => project.value.training)
  /** What in the file is not as the schema wants it (fit issues are apart). Empty for a sound project. */
  const soundness = rememberSound()
  const problems = computed(() => [...unkept.value, ...soundness(project.value)])

  /** Replaces the project. Its blocks keep their places, but are laid out where some have none or `arrange` asks for it. */
  function load(
    next: ProjectFile,
    from: string | null,
    arrange = false,
    fileProblems: readonly string[] = [],
  ): void {
    const placed = !arrange && next.graph.blocks.every((block) => block.position)
    history.reset(placed ? next : { ...next, graph: arranged(next.graph) })
    file.value = from
    version.value = null
    const kept = new Set(projectProblems(next))
    unkept.value = fileProblems.filter((problem) => !kept.has(problem))
    loads.value++
  }

  function arranged(unplaced: Graph): Graph {
    return withPositions(unplaced, layoutGraph(unplaced, canvasAspect.value))
  }

  function applyGraphEdits(label: string, edits: readonly GraphEdit[], mergeKey: string | null = null): void {
    const next = applyEdits(graph.value, edits)
    editGraph(label, next, mergeKey)
  }

  function editGraph(label: string, next: Graph, mergeKey: string | null = null): void {
    history.edit(
      label,
      (draft) => {
        // Assigned part by part, so that a step's patches name what changed.
        for (const key of ['blocks', 'connections', 'groups', 'notes'] as const) {
          if (next[key] !== graph.value[key]) Object.assign(draft.graph, { [key]: next[key] })
        }
      },
      mergeKey,
    )
  }

  function setParams(blockId: string, label: string, params: BlockParams): void {
    const mergeKey = `params ${blockId} ${Object.keys(params).join()}`
    applyGraphEdits(label, [{ kind: 'setParams', blockId, params }], mergeKey)
  }

  /** `part`: what of a setting changed, where it has parts; quick changes of the same part are one step. */
  function editData(label: string, change: Partial<DataSettings>, part = ''): void {
    history.edit(
      label,
      (draft) => void Object.assign(draft.data, change),
      `data ${Object.keys(change).join()} ${part}`,
    )
  }

  /** As {@link editData}. */
  function editTraining(label: string, change: Partial<TrainingSettings>, part = ''): void {
    history.edit(
      label,
      (draft) => void Object.assign(draft.training, change),
      `training ${Object.keys(change).join()} ${part}`,
    )
  }

  function rename(label: string, name: string): void {
    history.edit(label, (draft) => void (draft.name = name), 'name')
  }

  return {
    project,
    graph,
    blocks,
    links,
    data,
    training,
    file,
    version,
    problems,
    unkept,
    /** Agrees to saving without what has no room in a project. */
    leaveOut: () => void (unkept.value = []),
    canvasAspect,
    loads,
    arranged,
    load,
    edit: history.edit,
    editGraph,
    applyGraphEdits,
    setParams,
    editData,
    editTraining,
    rename,
    undo: history.undo,
    redo: history.redo,
    undoLabel: history.undoLabel,
    redoLabel: history.redoLabel,
    dirty: history.dirty,
    markSaved: history.markSaved,
    markUnsaved: history.markUnsaved,
  }
})
