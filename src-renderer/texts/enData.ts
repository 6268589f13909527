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
    images: 'Images',
    survey: 'Survey',
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
  sizes: {
    exact:
      '{images} of {of} images has another size than the input, {size}: it is {way}. | {images} of {of} images have another size than the input, {size}: they are {way}.',
    sample:
      'Of {of} images whose header was read, {images} has another size than the input, {size}: such images are {way}. A survey counts all. | Of {of} images whose header was read, {images} have another size than the input, {size}: such images are {way}. A survey counts all.',
    allSame: 'All {of} images have the size of the input, {size}.',
    sampleSame:
      'The {of} images whose header was read have the size of the input, {size}. A survey counts all.',
    ways: { stretch: 'stretched to it', crop: 'scaled to it and cropped', pad: 'scaled to it and padded' },
  },
  images: '{images} image | {images} images',
  classes: '{count} class | {count} classes',
  imagesOf: 'Images',
  perClass: 'Images per class: {list}',
  again: 'Read again',
  reading: 'Looking through the folder…',
  skipped: '{files} file or folder passed over | {files} files or folders passed over',
  none: 'No images chosen yet.',
  noneHelp: 'Take the bundled digits, or a folder with one sub-folder per class.',
  cache: 'Image cache: {size}',
  clearCache: 'Clear',
  clearCacheLabel: 'Clear the image cache, {size}',
} as const

/** The images one by one. */
export const images = {
  label: 'Images',
  show: 'Images shown',
  all: 'All classes ({images})',
  onlyLeftOut: 'Left out ({images})',
  nothingLeftOut: 'No image is left out.',
  size: 'Size of the pictures',
  sizes: { small: 'Small', medium: 'Medium', large: 'Large' },
  tip: 'Click or Enter shows an image large, Delete leaves it out of training.',
  of: '{file}, {className}',
  leftOut: 'left out of training',
  leaveOut: 'Leave out',
  takeIn: 'Take in again',
  previous: 'Previous image',
  next: 'Next image',
  reveal: 'Show in folder',
  bands: '{count} band | {count} bands',
  place: '{place} of {of}',
} as const

/** What a look at every image found. */
export const survey = {
  start: 'Look at all images',
  again: 'Look again',
  stop: 'Stop',
  progress: 'Images looked at',
  done: '{done} of {total}',
  about:
    'Finds copies, labels that contradict each other, images that are held out and trained on, empty and odd ones, and measures every band.',
  found: 'Found',
  kinds: {
    overview: 'Overview',
    duplicates: 'Duplicates',
    suspicious: 'Suspicious',
    unreadable: 'Unreadable',
    bands: 'Bands',
  },
  nothing: 'Nothing of this kind was found.',
  duplicate: { exact: '{count} identical files', near: '{count} images that look the same' },
  conflict: '{count} classes',
  leak: 'trained on and held out',
  leaveCopiesOut: 'Leave the copy out | Leave {count} copies out',
  leaveAllOut: 'Leave it out | Leave all {count} out',
  suspicion: {
    constant: 'One value all over',
    flat: 'Hardly any contrast',
    dark: 'Almost black',
    bright: 'Almost white',
    noData: 'Mostly without data',
    size: 'Size far from the others',
    aspect: 'Proportions far from the others',
    bands: 'Another number of bands',
    warning: 'Read with warnings',
  },
  cannotRead: 'Cannot be read',
  looked: 'Looked at',
  lookedAt: '{images} images, {known} of them known from before',
  sizes: 'Sizes',
  moreSizes: '{count} more size | {count} more sizes',
  input: 'For the network',
  measured: 'Values measured',
  measuredFull: 'on the images as they are',
  measuredReduced:
    'on a copy of at most {side} pixels a side for {images} larger image | on copies of at most {side} pixels a side for {images} larger images',
  unbalanced:
    'The classes are out of balance: {largest} has {most} images, {smallest} has {least}. Without weights the network may ignore the small ones.',
  weigh: 'Weigh classes alike',
  weighed: 'The training weighs the classes.',
  equal: 'Every class has {most} images.',
  balanced: 'The classes have {least} to {most} images each.',
  few: '{count} class has few images to learn from: {classes}. | {count} classes have few images to learn from: {classes}.',
  histogram: 'Histogram of {band}',
  statistics: { range: 'Range', mean: 'Mean', noData: 'No data' },
} as const
