/** What belongs to the screen and not to the project: theme, selection, panels, open dialogs. Sizes and theme are remembered. */
import { useLocalStorage, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Connection } from '#shared/graph/types'

export type ThemeChoice = 'system' | 'light' | 'dark'
export type DockTab = 'data' | 'training' | 'runs'
export type PanelName = 'palette' | 'inspector' | 'dock'

/** What commands may ask of the canvas; set by the canvas while it is on screen. */
export interface CanvasView {
  fitView(): void
  zoomIn(): void
  zoomOut(): void
  /** Scrolls a block into view, if it is not. */
  bringIntoView(blockId: string): void
  /** Gives a block the keyboard focus. */
  focusBlock(blockId: string): void
}

export const panelDefaults = {
  palette: { size: 208, open: true },
  inspector: { size: 320, open: true },
  dock: { size: 248, open: true },
}

export const useUiStore = defineStore('ui', () => {
  const themeChoice = useLocalStorage<ThemeChoice>('interlock.theme', 'system')
  const prefersDark = usePreferredDark()
  const theme = computed<'light' | 'dark'>(() =>
    themeChoice.value === 'system' ? (prefersDark.value ? 'dark' : 'light') : themeChoice.value,
  )

  const panels = useLocalStorage('interlock.panels', panelDefaults, { mergeDefaults: true })
  const dockTab = ref<DockTab>('data')

  const selectedBlocks = shallowRef<readonly string[]>([])
  const selectedConnection = shallowRef<Connection | null>(null)
  const selectedBlock = computed(() => (selectedBlocks.value.length === 1 ? selectedBlocks.value[0]! : null))

  const canvas = shallowRef<CanvasView | null>(null)
  const commandPaletteOpen = ref(false)
  const templatesOpen = ref(false)
  const exportRunId = ref<string | null>(null)

  function select(...blockIds: readonly string[]): void {
    selectedBlocks.value = blockIds
    selectedConnection.value = null
  }

  function selectConnection(connection: Connection | null): void {
    selectedConnection.value = connection
    if (connection) selectedBlocks.value = []
  }

  function togglePanel(name: PanelName): void {
    const panel = panels.value[name]
    panels.value = { ...panels.value, [name]: { ...panel, open: !panel.open } }
  }

  function showDock(tab: DockTab): void {
    dockTab.value = tab
    if (!panels.value.dock.open) togglePanel('dock')
  }

  /** Selects a block, brings it into view and shows its settings. */
  function reveal(blockId: string): void {
    select(blockId)
    canvas.value?.bringIntoView(blockId)
    canvas.value?.focusBlock(blockId)
  }

  return {
    themeChoice,
    theme,
    panels,
    dockTab,
    selectedBlocks,
    selectedBlock,
    selectedConnection,
    canvas,
    commandPaletteOpen,
    templatesOpen,
    exportRunId,
    select,
    selectConnection,
    togglePanel,
    showDock,
    reveal,
  }
})
