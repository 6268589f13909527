/**
 * What the threads of the CPU executor run: a plan translated to calls of WebAssembly kernels with fixed arguments. Plain
 * data, posted to every thread once.
 */

import type { AugmentationSettings } from '#shared/training/augmentation'

/** Values that kernels handle at once: 16 images side by side, or 16 values of one image. */
export const lanes = 16

/** Images per block: 16, one per lane; or 1 for inference with so few that most lanes would be empty. */
export type BlockImages = 1 | 16

/** A 4-byte field of a kernel's argument struct: an integer or address, or a float32. */
export type KernelArgument = number | { readonly f32: number }

/**
 * How a call's work is shared out.
 * - `block`: `items` per block of images. Reads and writes that block only (and weights).
 * - `chunk`: `items` per chunk of blocks, likewise.
 * - `whole`: `items` in all; may read every block and write what all read, so all threads meet before and after.
 */
export type KernelSplit = 'block' | 'chunk' | 'whole'

export interface KernelCall {
  /** Exported function of kernels.wasm, or `stage`/`collect`, which the thread does itself. */
  readonly kernel: string
  readonly split: KernelSplit
  readonly items: number
  readonly args: readonly KernelArgument[]
}

/**
 * Calls between two meetings of all threads. In a local segment (blocks and chunks) a thread may go through all calls with
 * one chunk before it takes the next. Calls of a whole segment do not depend on each other, or have the same items.
 */
export interface Segment {
  readonly local: boolean
  readonly calls: readonly KernelCall[]
}

/** Fields of the struct `Step` in assembly/layout.ts, in 4-byte words. */
export const stepFields = {
  images: 0,
  blocks: 1,
  index: 2,
  learningRate: 3,
  stepSize: 4,
  correction2Root: 5,
  shrink: 6,
  scratch: 7,
  pixelBytes: 8,
} as const

/** Bytes set aside for one `Step`. */
export const stepBytes = 64

/** Bytes of the barrier's words. */
export const barrierBytes = 64

export interface Program {
  /** Packs the weights; runs after they were written. */
  readonly pack: readonly Segment[]
  readonly train: readonly Segment[]
  readonly infer: readonly Segment[]
  /** Address of the barrier. */
  readonly barrier: number
  /** Address of every thread's `Step`. */
  readonly steps: readonly number[]
  /** Address of every thread's scratch memory. */
  readonly scratch: readonly number[]
  /** Addresses of the argument structs, in the order of all calls of pack, train and infer. */
  readonly args: readonly number[]
  /** Staged bytes and labels of the batch, and what softmaxCrossEntropy leaves per image. */
  readonly staging: {
    readonly bytes: number
    readonly variants: number
    readonly labels: number
    readonly losses: number
    readonly correct: number
  }
  /** Probabilities of block 0 after training and inference steps. */
  readonly probabilities: { readonly train: number; readonly infer: number }
  /** Bytes from one block to the next. */
  readonly stride: number
  readonly batchSize: number
  readonly blockImages: BlockImages
  /** How training images are changed, and by which random numbers. */
  readonly augmentation: {
    readonly settings: AugmentationSettings
    readonly height: number
    readonly width: number
    readonly seed: number
  } | null
  /** Height · width · channels of the network's input. */
  readonly imageValues: number
  readonly classes: number
  /** Blocks that share one partial gradient. */
  readonly chunkBlocks: number
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly weightDecay: number } | null
  /** Multiply-adds of one image's forward pass. */
  readonly macs: number
  /** Bytes of memory in all. */
  readonly bytes: number
}
