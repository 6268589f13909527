import { bands } from './enBands'

/** The texts about images: a part of `en.ts`. */
export const data = {
  bands,
  label: 'About the images',
  sections: {
    source: 'Source',
    split: 'Split',
    bands: 'Bands',
    preparation: 'Preparation',
    augmentation: 'Augmentation',
  },
  digits: 'Digits',
  digitsLong: 'Handwritten digits',
  folder: 'Folder…',
  pick: 'Choose a folder of images',
  split: 'Held out %',
  splitSeed: 'Split seed',
  resize: 'Resize',
  normalise: 'Normalise',
  resizes: { stretch: 'Stretch', crop: 'Crop the middle', pad: 'Pad with black' },
  normalisations: {
    standardise: 'Standardise',
    minmax: 'Least to most',
    unit: 'Full scale',
    divide: 'Divide',
  },
  divisor: 'Divide by',
  help: {
    split:
      'Share of each class that is kept from training and used to validate after every epoch. The bundled digits have a fixed fifth.',
    splitSeed: 'Decides which images are held out. The same seed holds out the same images.',
    resize: 'How images are brought to the size of the input block.',
    normalise:
      'Standardise: each band gets mean 0 and deviation 1. Least to most: its range becomes 0 to 1. Both are measured on the training part. Full scale: 255 or 65,535 becomes 1, floats stay. Divide: by a number of yours.',
    divisor: '10,000 for reflectances as Sentinel-2 and Landsat products hold them.',
  },
  images: '{images} image | {images} images',
  classes: '{count} class | {count} classes',
  imagesOf: 'Images',
  perClass: 'Images per class: {list}',
  again: 'Read again',
  reading: 'Looking through the folder…',
  skipped: '{count} file skipped | {count} files skipped',
  none: 'No images chosen yet.',
  noneHelp: 'Take the bundled digits, or a folder with one sub-folder per class.',
  cache: 'Image cache: {size}',
  clearCache: 'Clear',
  clearCacheLabel: 'Clear the image cache, {size}',
} as const
