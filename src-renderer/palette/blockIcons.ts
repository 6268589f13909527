/** The icons that block definitions name (`palette.icon`), all from Lucide. A new block adds its icon here. */
import {
  Activity,
  AlignJustify,
  ChartNoAxesColumn,
  CircleHelp,
  Crop,
  Dices,
  Frame,
  Grid3x3,
  Image,
  Layers,
  Maximize2,
  Minimize2,
  Network,
  Plus,
  Sigma,
  Tags,
} from '@lucide/vue'
import type { Component } from 'vue'

export const blockIcons: Readonly<Record<string, Component>> = {
  Activity,
  AlignJustify,
  ChartNoAxesColumn,
  Crop,
  Dices,
  Frame,
  Grid3x3,
  Image,
  Layers,
  Maximize2,
  Minimize2,
  Network,
  Plus,
  Sigma,
  Tags,
}

export function blockIcon(name: string): Component {
  return blockIcons[name] ?? CircleHelp
}
