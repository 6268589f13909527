/** What belongs to the screen and not to the project: theme, selection, panels, open dialogs. Sizes and theme are remembered. */
import { useLocalStorage, useMediaQuery, usePreferredContrast, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, nextTick, ref, shallowRef } from 'vue'
import type { Connection } from '#shared/graph/types'
import type { Rect } from '../canvas/blockSize'
import type { Contrast, Theme } from '../theme/showTheme'

export const themeChoices = ['system', 'light', 'dark', 'lightContrast', 'darkContrast'] as const
export type ThemeChoice = (typeof themeChoices)[number]
export type DockTab = 'data' | 'training' | 'runs' | 'evaluation'
/** Sections of the data tab (`data/dataSections.ts`). */
export type DataSection = 'source' | 'split' | 'bands' | 'preparation' | 'augmentation' | 'images' | 'survey'
export type PanelName = 'palette' | 'inspector' | 'dock'

/** What commands may ask of the canvas; set by the canvas while it is on screen. */
export interface CanvasView {
  fitView(smooth?: boolean): void
  zoomIn(): void
  zoomOut(): void
  /** Scrolls a block into view, if it is not. */
  bringIntoView(blockId: string): void
  /** Gives the keyboard to the canvas, and to nothing on it. */
  focus(): void
  /** Gives a block the keyboard focus. */
  focusBlock(blockId: string): void
  /** The same for anything on the canvas, by its node id. */
  focusNode(node: string): void
  /** Opens the list of blocks at what is selected. */
  askForBlock(): void
  /** The part of the canvas that is in sight. */
  seen(): Rect
}

/** A point of the canvas, in window pixels and in its own. */
export interface CanvasPoint {
  screen: readonly [number, number]
  canvas: readonly [number, number]
}

/** Where the list of blocks to add is open, and what the chosen block is to be joined to. */
export interface QuickAdd {
  /** In window pixels. */
  screen: readonly [number, number]
  /** Place on the canvas for the new block; null: where it fits after the selected one. */
  at: readonly [number, number] | null
  /** The connection that it is put into. */
  on: Connection | null
  from: string | null
  to: string | null
  /** What was typed to open it. */
  typed: string
}

/** In pixels. The dock has the same share of the height on every screen, until it is given another. */
export const panelDefaults = {
  palette: { size: 208, open: true },
  inspector: { size: 320, open: true },
  dock: { size: Math.max(248, Math.round(window.innerHeight * 0.31)), open: true },
}

export const useUiStore = defineStore('ui', () => {
  const themeChoice = useLocalStorage<ThemeChoice>('interlock.theme', 'system')
  const prefersDark = usePreferredDark()
  const preferredContrast = usePreferredContrast()
  const forcedColours = useMediaQuery('(forced-colors: active)')
  const theme = computed<Theme>(() => {
    if (themeChoice.value === 'system') return prefersDark.value ? 'dark' : 'light'
    return themeChoice.value.startsWith('dark') ? 'dark' : 'light'
  })
  const contrast = computed<Contrast>(() => {
    const wanted =
      themeChoice.value === 'system'
        ? preferredContrast.value === 'more' || forcedColours.value
        : themeChoice.value.endsWith('Contrast')
    return wanted ? 'more' : 'normal'
  })

  const panels = useLocalStorage('interlock.panels', panelDefaults, { mergeDefaults: true })
  const dockTab = ref<DockTab>('data')
  const dataSection = ref<DataSection>('source')
  /** The dock lies over palette, canvas and inspector, which cannot be used then. */
  const dockMaximised = ref(false)

  const selectedBlocks = shallowRef<readonly string[]>([])
  const selectedNotes = shallowRef<readonly string[]>([])
  const selectedConnection = shallowRef<Connection | null>(null)
  const selectedBlock = computed(() => (selectedBlocks.value.length === 1 ? selectedBlocks.value[0]! : null))

  const canvas = shallowRef<CanvasView | null>(null)
  const commandPaletteOpen = ref(false)
  const templatesOpen = ref(false)
  const findOpen = ref(false)
  const helpOpen = ref(false)
  /** Node id of the block, group or comment whose text is being written. */
  const renaming = ref<string | null>(null)
  /** Where the menu was opened in the empty: what its commands add is put there. */
  const pointAt = shallowRef<CanvasPoint | null>(null)
  const quickAdd = shallowRef<QuickAdd | null>(null)
  const exportRunId = ref<string | null>(null)
  const continueRunId = ref<string | null>(null)
  /** Whose model maps a scene. */
  const sceneRunId = ref<string | null>(null)
  /** The run that is to go on from its last state, while it is asked how. */
  const resumeRunId = ref<string | null>(null)

  function select(...blockIds: readonly string[]): void {
    selectAlso(blockIds, [])
  }

  function selectAlso(blockIds: readonly string[], noteIds: readonly string[]): void {
    selectedBlocks.value = blockIds
    // The list of none stays the same list, so that nothing is drawn anew for it.
    if (noteIds.length + selectedNotes.value.length > 0) selectedNotes.value = noteIds
    selectedConnection.value = null
  }

  function selectConnection(connection: Connection | null): void {
    if (connection) select()
    selectedConnection.value = connection
  }

  function togglePanel(name: PanelName): void {
    // What the maximised dock covers is there, but not to be seen.
    const covered = dockMaximised.value && name !== 'dock'
    dockMaximised.value = false
    const panel = panels.value[name]
    panels.value = { ...panels.value, [name]: { ...panel, open: covered || !panel.open } }
  }

  function toggleMaximised(): void {
    const maximised = !dockMaximised.value
    if (!panels.value.dock.open) togglePanel('dock')
    dockMaximised.value = maximised
  }

  function showDock(tab: DockTab): void {
    dockTab.value = tab
    if (!panels.value.dock.open) togglePanel('dock')
  }

  /** Selects a block, brings it into view and shows its settings. */
  function reveal(blockId: string): void {
    select(blockId)
    const wasCovered = dockMaximised.value
    dockMaximised.value = false
    const show = () => {
      canvas.value?.bringIntoView(blockId)
      canvas.value?.focusBlock(blockId)
    }
    if (wasCovered) void nextTick(show)
    else show()
  }

  /** The keyboard to the first issue of the list, or to the fit status where there is none left. */
  function focusIssues(): void {
    const list = document.querySelector<HTMLElement>('#inspector [data-testid^="issue-"] button')
    const target = list ?? document.querySelector<HTMLElement>('[data-testid="fit-status"]')
    target?.focus()
  }

  /** The list of issues is the inspector with nothing selected. The focus goes there: on the way it would select a block. */
  function showIssues(): void {
    select()
    if (dockMaximised.value || !panels.value.inspector.open) togglePanel('inspector')
    void nextTick(focusIssues)
  }

  return {
    themeChoice,
    theme,
    contrast,
    forcedColours,
    panels,
    dockTab,
    dataSection,
    dockMaximised,
    selectedBlocks,
    selectedBlock,
    selectedNotes,
    selectedConnection,
    canvas,
    commandPaletteOpen,
    templatesOpen,
    quickAdd,
    pointAt,
    findOpen,
    helpOpen,
    renaming,
    exportRunId,
    continueRunId,
    sceneRunId,
    resumeRunId,
    select,
    selectAlso,
    selectConnection,
    togglePanel,
    toggleMaximised,
    showDock,
    reveal,
    focusIssues,
    showIssues,
  }
})
