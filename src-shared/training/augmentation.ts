/**
 * Augmentation: every epoch sees each training image a little different. Validation images, and what is evaluated or predicted,
 * stay as they are. The engine draws and applies it (`src-main/engine/ops/gather/variant.ts` has the formulas).
 */
import { z } from 'zod'

export const augmentationSchema = z.strictObject({
  /** Half of the images left to right. */
  flipHorizontal: z.boolean().default(false),
  /** Half of the images upside down. */
  flipVertical: z.boolean().default(false),
  /** By 0°, 90°, 180° or 270°; by 0° or 180° where height and width differ. */
  rotate: z.boolean().default(false),
  /** Up to this share of height and width, in whole pixels; what comes in is the nearest pixel of the edge. */
  shift: z.number().min(0).max(0.5).default(0),
  /** Cuts out a part with sides of at least this share of the image's, and resizes it to the whole; 1 cuts nothing. */
  crop: z.number().min(0.1).max(1).default(1),
  /** Adds up to ± so much to all of an image, in units of the normalised numbers: a band's standard deviation. */
  brightness: z.number().min(0).max(2).default(0),
  /** Stretches an image's values around the mean by a factor of 1 ± up to so much. */
  contrast: z.number().min(0).max(1).default(0),
  /** Standard deviation of Gaussian noise on every value, in units of the normalised numbers. */
  noise: z.number().min(0).max(2).default(0),
})

export type AugmentationSettings = z.infer<typeof augmentationSchema>

export const noAugmentation: AugmentationSettings = augmentationSchema.parse({})

/** Whether anything is changed at all. */
export function augments(settings: AugmentationSettings): boolean {
  return Object.entries(settings).some(
    ([key, value]) => value !== noAugmentation[key as keyof AugmentationSettings],
  )
}
