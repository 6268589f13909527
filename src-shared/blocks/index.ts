/** The list of all block types. Adding a block: README.md beside this file. */
import { activation } from './activation'
import { add } from './add'
import { avgPool2d } from './avgPool2d'
import { batchNorm } from './batchNorm'
import { concat } from './concat'
import { conv2d } from './conv2d'
import { crop2d } from './crop2d'
import type { AnyBlockDefinition } from './defineBlock'
import { dense } from './dense'
import { dropout } from './dropout'
import { flatten } from './flatten'
import { globalAvgPool2d } from './globalAvgPool2d'
import { input } from './input'
import { maxPool2d } from './maxPool2d'
import { output } from './output'
import { zeroPad2d } from './zeroPad2d'

/** In the order of the palette. */
export const blockDefinitions: readonly AnyBlockDefinition[] = [
  input,
  output,
  conv2d,
  maxPool2d,
  avgPool2d,
  globalAvgPool2d,
  activation,
  batchNorm,
  dropout,
  flatten,
  dense,
  zeroPad2d,
  crop2d,
  add,
  concat,
]

const byType = new Map(blockDefinitions.map((definition) => [definition.type, definition]))

/** The definition of a block type, or undefined where this version knows none. */
export function blockDefinition(type: string): AnyBlockDefinition | undefined {
  return byType.get(type)
}
