/** What the translation of a pass into kernel calls may ask for. */
import type { KernelAttrs, KernelName, Plan, PlanTensor } from '#shared/engine/plan'
import type { MicroKernel } from './microKernel'
import type { BlockImages, KernelCall } from './program'

export interface WasmContext {
  readonly plan: Plan
  readonly micro: MicroKernel
  /** 16 where images lie side by side in lanes, 1 where they lie one after the other. */
  readonly blockImages: BlockImages
  /** Bytes between the same tensor of neighbouring blocks. */
  readonly stride: number
  /** Blocks of a full batch. */
  readonly blocks: number
  readonly chunkBlocks: number
  /** From one chunk's partial gradients to the next. */
  readonly chunkStride: number
  readonly staging: {
    readonly bytes: number
    /** Variants of the images by block, `[word][16]`; room for none where the plan has no augmentation. */
    readonly variants: number
    readonly labels: number
    readonly losses: number
    readonly correct: number
  }
  /** Byte address; of block 0 for activations. */
  address(tensor: PlanTensor): number
  /** So many floats per image as cells of 16 values; the last may reach beyond the tensor's end. */
  cells(floats: number): number
  /** How many shares to split so many cells into. */
  parts(cells: number): number
  /** Memory that all threads see, kept for the life of the plan. */
  allocate(bytes: number): number
  /** Memory of each thread, valid during one call only. */
  needThreadScratch(bytes: number): void
  /** Memory filled by a call after every change of the weights, made once per key. */
  packed(key: string, bytes: number, call: (address: number) => KernelCall): number
}

export interface WasmPass<K extends KernelName> {
  readonly attrs: KernelAttrs[K]
  readonly inputs: readonly PlanTensor[]
  readonly outputs: readonly PlanTensor[]
}

export type WasmKernel<K extends KernelName> = (pass: WasmPass<K>, context: WasmContext) => KernelCall[]
