/** Edits of what is selected: remove, duplicate, copy, paste, lay out. Each is one step to undo. */
import { applyEdits } from '#shared/graph/applyEdits'
import type { Repair } from '#shared/graph/fit'
import type { GraphEdit } from '#shared/graph/types'
import { computed, nextTick } from 'vue'
import { t } from '../i18n'
import { useNoticeStore } from '../stores/noticeStore'
import { useCanvasStore } from '../stores/canvasStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { alignNodes, type Alignment } from './alignNodes'
import { blockHeight, blockWidth, type Position } from './blockSize'
import { addFragment, fragmentOf, fragmentText, readFragment, type Fragment } from './clipboard'
import { addNote, changeGroup, groupBlocks, removeNotes, setNoteText, ungroup } from './groups'
import { layoutGraph, withPositions } from './layoutGraph'
import { moveInChain } from './moveInChain'
import { groupNode, noteNode } from './nodeIds'
import { nearestFree } from './nearestFree'
import { newNote } from './noteSize'
import { makeRoom } from './placeNewBlock'
import { withPlaces } from './withPlaces'

/** What was copied last, for shells that do not let a menu command read the clipboard. */
let lastCopied: string | null = null

export function useEditing() {
  const projects = useProjectStore()
  const canvas = useCanvasStore()
  const ui = useUiStore()
  const notices = useNoticeStore()

  const somethingSelected = () => ui.selectedBlocks.length + ui.selectedNotes.length > 0

  /**
   * Removes the selected connection, or the selected blocks and comments. What the blocks joined is joined again, unless
   * `plain`.
   */
  function remove(plain = false): void {
    const connection = ui.selectedConnection
    if (connection) {
      projects.applyGraphEdits(t('steps.disconnect'), [{ kind: 'disconnect', connection }])
      ui.selectConnection(null)
      return
    }
    if (!somethingSelected()) return
    const ids = ui.selectedBlocks
    // The keyboard goes on from the block before.
    const before = projects.graph.connections.find((c) => c.to === ids[0] && !ids.includes(c.from))?.from
    const edits: GraphEdit[] = ids.map((blockId) => ({ kind: 'removeBlock', blockId, reconnect: !plain }))
    const wasOnCanvas = document.activeElement?.closest('.canvas')
    const graph = removeNotes(applyEdits(projects.graph, edits), ui.selectedNotes)
    projects.editGraph(t('steps.remove', { count: ids.length + ui.selectedNotes.length }), graph)
    ui.select(...(before ? [before] : []))
    if (before && wasOnCanvas) ui.canvas?.focusBlock(before)
  }

  function repair({ label, edits }: Repair): void {
    const mended = applyEdits(projects.graph, edits)
    projects.editGraph(label, makeRoom(projects.graph, mended))
  }

  const selectedFragment = () => fragmentOf(projects.graph, ui.selectedBlocks, ui.selectedNotes)

  function copyText(): string | null {
    if (!somethingSelected()) return null
    lastCopied = fragmentText(selectedFragment())
    return lastCopied
  }

  function take(
    fragment: Fragment,
    label: 'steps.paste' | 'steps.duplicate',
    corner: Position | null = null,
  ): void {
    const added = addFragment(projects.graph, fragment, corner)
    projects.editGraph(t(label, { count: added.ids.length + added.noteIds.length }), added.graph)
    ui.selectAlso(added.ids, added.noteIds)
    if (added.ids[0]) ui.canvas?.bringIntoView(added.ids[0])
  }

  /** Adds copied blocks, or says that the text holds none. */
  function paste(text: string, corner: Position | null = null): void {
    const fragment = readFragment(text)
    if (fragment) take(fragment, 'steps.paste', corner)
    else notices.info(t(text.trim() ? 'canvas.notBlocks' : 'canvas.nothingToPaste'))
  }

  async function pasteFromClipboard(corner: Position | null): Promise<void> {
    paste((await navigator.clipboard.readText().catch(() => lastCopied)) ?? '', corner)
  }

  const duplicate = (): void => take(selectedFragment(), 'steps.duplicate')

  /** Moves the selected block along its chain; says so where it has come to an end. */
  function reorder(way: 'earlier' | 'later'): void {
    const id = ui.selectedBlock
    if (!id) return
    const moved = moveInChain(projects.graph, id, way)
    if (moved) projects.editGraph(t(`steps.${way}`), moved)
    else notices.info(t('canvas.cannotMove'))
    ui.canvas?.bringIntoView(id)
  }

  /** Places of what is selected, by node. */
  function selectedPlaces(): Map<string, Position> {
    const nodes = new Set(ui.selectedBlocks.map(canvas.nodes.of))
    const found = new Map([...nodes].map((id) => [id, canvas.nodes.place(id)]))
    for (const note of projects.graph.notes)
      if (ui.selectedNotes.includes(note.id)) found.set(noteNode(note.id), note.position)
    return found
  }
  function place(label: string, places: ReadonlyMap<string, Position>, mergeKey: string | null = null): void {
    projects.editGraph(label, withPlaces(projects.graph, places, canvas.places), mergeKey)
  }
  function align(how: Alignment): void {
    place(t(`steps.align.${how}`), alignNodes(selectedPlaces(), how))
  }
  /** Moves what is selected on the canvas. */
  function nudge([dx, dy]: Position): void {
    const places = selectedPlaces()
    for (const [id, [x, y]] of places) places.set(id, [x + dx, y + dy])
    place(t('steps.move', { count: places.size }), places, 'nudge')
  }

  /* Groups and comments. */
  const selectedGroups = computed(() => {
    const chosen = new Set(ui.selectedBlocks)
    return projects.graph.groups.filter((group) => group.blocks.some((id) => chosen.has(id)))
  })
  /** The group whose blocks are selected, all of them and nothing else. */
  const wholeGroup = computed(() => {
    const [group, ...more] = selectedGroups.value
    const whole =
      more.length === 0 && ui.selectedNotes.length === 0 && group?.blocks.length === ui.selectedBlocks.length
    return whole ? group : null
  })
  function group(): void {
    const name = t('canvas.group.name')
    const grouped = groupBlocks(projects.graph, ui.selectedBlocks, name)
    projects.editGraph(t('steps.group'), grouped.graph)
    ui.renaming = groupNode(grouped.groupId)
  }
  function dissolve(): void {
    const ids = selectedGroups.value.map(({ id }) => id)
    projects.editGraph(t('steps.ungroup'), ungroup(projects.graph, ids))
  }
  function setCollapsed(id: string, collapsed: boolean): void {
    projects.editGraph(
      t(collapsed ? 'steps.collapse' : 'steps.expand'),
      changeGroup(projects.graph, id, { collapsed }),
    )
  }
  function toggleGroups(): void {
    const collapse = selectedGroups.value.some((one) => !one.collapsed)
    const graph = selectedGroups.value.reduce(
      (changed, { id }) => changeGroup(changed, id, { collapsed: collapse }),
      projects.graph,
    )
    projects.editGraph(t(collapse ? 'steps.collapse' : 'steps.expand'), graph)
  }
  /** The node whose text can be written in place: the selected block, group or comment. */
  const renamable = computed(() => {
    if (wholeGroup.value) return groupNode(wholeGroup.value.id)
    const [note, ...more] = ui.selectedNotes
    if (note && more.length + ui.selectedBlocks.length === 0) return noteNode(note)
    return ui.selectedNotes.length === 0 && ui.selectedBlock ? canvas.nodes.of(ui.selectedBlock) : null
  })
  function rename(): void {
    ui.renaming = renamable.value
  }
  /** Without a name a block goes by its kind. */
  function renameBlock(id: string, name: string): void {
    projects.edit(t('steps.rename'), (draft) => {
      const block = draft.graph.blocks.find((candidate) => candidate.id === id)
      if (!block) return
      if (name.trim()) block.name = name.trim()
      else delete block.name
    })
  }
  function renameGroup(id: string, name: string): void {
    if (name.trim())
      projects.editGraph(t('steps.renameGroup'), changeGroup(projects.graph, id, { name: name.trim() }))
  }
  /** A new comment, to be written at once: at `at`, else beside what is selected, else in the middle; never on a block. */
  function comment(at?: Position): void {
    const seen = ui.canvas?.seen() ?? null
    const chosen = [...selectedPlaces().values()]
    let near: Position = seen ? [seen.x + seen.width / 2, seen.y + seen.height / 2] : [0, 0]
    if (at) near = [at[0] + newNote.width / 2, at[1] + newNote.height / 2]
    else if (chosen.length > 0) {
      const middle = (axis: 0 | 1, size: number) =>
        (Math.min(...chosen.map((place) => place[axis])) +
          Math.max(...chosen.map((place) => place[axis])) +
          size) /
        2
      near = [middle(0, blockWidth), middle(1, blockHeight)]
    }
    const place = nearestFree(canvas.covered, { ...newNote, near, gap: 12, seen })
    const added = addNote(projects.graph, place)
    projects.editGraph(t('steps.comment'), added.graph)
    ui.selectAlso([], [added.noteId])
    ui.renaming = noteNode(added.noteId)
  }
  /** A comment without text goes again. */
  function writeComment(id: string, text: string): void {
    const graph = text.trim() ? setNoteText(projects.graph, id, text) : removeNotes(projects.graph, [id])
    projects.editGraph(t('steps.writeComment'), graph)
  }

  function layout(): void {
    const positions = layoutGraph(projects.graph, projects.canvasAspect)
    projects.editGraph(t('steps.layout'), withPositions(projects.graph, positions))
    void nextTick(() => ui.canvas?.fitView())
  }

  return {
    remove,
    repair,
    copyText,
    paste,
    pasteFromClipboard,
    duplicate,
    reorder,
    align,
    nudge,
    selectedGroups,
    wholeGroup,
    renamable,
    rename,
    renameBlock,
    group,
    dissolve,
    setCollapsed,
    toggleGroups,
    renameGroup,
    comment,
    writeComment,
    layout,
  }
}
