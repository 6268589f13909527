/** What a look at every image of a source found. Plain data that survives MessagePack. Files are positions in {@link ImageListing}. */
import type { SizeCount } from './imageSizes'
import type { SkippedFile } from '../rpc/services'

/** All images of a source, class by class. A position counts through all classes. */
export interface ImageListing {
  /** Tells this listing from an earlier one. */
  id: number
  /** Full path of what `files` are relative to; empty for the bundled digits, which are no files. */
  folder: string
  classes: readonly { name: string; files: readonly string[] }[]
}

/** Values of one band over all images, as they are in the files. */
export interface BandStatistics {
  name: string
  min: number
  max: number
  mean: number
  /** Of the whole population. */
  std: number
  /** Share of the values that are there (not no data). */
  valid: number
  histogram: Histogram
}

/** Shares of the values in bins of equal width; they add up to 1. */
export interface Histogram {
  from: number
  to: number
  shares: readonly number[]
}

/** The same image more than once. */
export interface DuplicateGroup {
  /** Positions, in their order. */
  images: readonly number[]
  /** `exact`: the files' bytes are the same. `near`: they look the same (re-encoded, resized, slightly changed). */
  kind: 'exact' | 'near'
  /** It is in more than one class: one of the labels is wrong. */
  conflict: boolean
  /** It is trained on and held out: what is measured on it is too good. */
  leak: boolean
}

/**
 * Why an image may not be what it should be.
 * - `constant`: all values of every band are the same; `flat`: they hardly differ.
 * - `dark`, `bright`: a picture that is almost black or white all over.
 * - `noData`: most values are not there.
 * - `size`, `aspect`, `bands`: far from those of the other images.
 * - `warning`: the decoder complained, though it could read the file.
 */
export type Suspicion =
  'constant' | 'flat' | 'dark' | 'bright' | 'noData' | 'size' | 'aspect' | 'bands' | 'warning'

export interface SuspiciousImage {
  image: number
  suspicion: Suspicion
  /** What was found, e.g. `24×900`, or the decoder's words. */
  found: string
}

/** Classes with fewer images than this can hardly be learnt. */
export const fewImages = 20
/** From this ratio of largest to smallest class on, weights are offered. */
export const unbalancedFrom = 3

export interface DataSurvey {
  /** Of the listing that was looked at. */
  listing: number
  images: number
  /** Images whose values were measured on a reduced copy (`measuredSide`), since they are larger. */
  reduced: number
  /** Images that were known from an earlier survey. */
  known: number
  sizes: readonly SizeCount[]
  bands: readonly BandStatistics[]
  duplicates: readonly DuplicateGroup[]
  suspicious: readonly SuspiciousImage[]
  /** Files that cannot be read. */
  unreadable: readonly (SkippedFile & { image: number })[]
}

/** Larger images are measured on a copy that is reduced to this side, in pixels. */
export const measuredSide = 512

/** Near duplicates differ in at most so many of the 64 bits of their difference hash … */
export const nearBits = 8
/** … and in their 9×8 grey cells by no more than this share of their contrast, on average. */
export const nearCells = 0.06
