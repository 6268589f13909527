/** The texts about class folders and the split: a part of `en.ts`. */
export const split = {
  root: 'Classes in',
  rootItself: 'the folder itself',
  rootFound: 'Found: {root}',
  rootFind: 'Find it',
  rootOption: '{root} ({classes} classes, {images} images)',
  filesSeen: '{files} file so far | {files} files so far',
  stopped: 'Looking through the folder was called off.',
  by: 'Split by',
  ways: { seed: 'Chance', folders: 'Folders', lists: 'Lists', blocks: 'Place on the map' },
  parts: { training: 'Training', validation: 'Validation', test: 'Test' },
  test: 'Test %',
  trainingList: 'Train list',
  validationList: 'Val list',
  testList: 'Test list',
  noList: 'none',
  pickList: 'Choose a list of images',
  listed: '{found} of {names} name is an image’s | {found} of {names} names are those of an image',
  listDropped:
    'A browser does not tell where {name} lies. Choose it with the button beside the field, or type its path.',
  choosePath: 'Choose: {what}',
  clearPath: 'Remove: {what}',
  more: 'and {names} more',
  validationSource: 'Validate on',
  noValidationSource: 'a part of these images',
  pickValidation: 'Choose a folder of images to validate on',
  blockSize: 'Block size',
  blockBuffer: 'Buffer',
  fromTiles: 'from the tiles',
  fromTilesAs: 'from the tiles: {value}',
  foldersUnused:
    'The folder {names} counts as a class now, though it is named as a part of a split. | The folders {names} count as classes now, though they are named as parts of a split.',
  useFolders: 'Use them as the split',
  foldersStep: 'split by folders',
  foldersTaken: 'The folders {names} are used as the split. The data tab can change that.',
  fallback:
    'The run’s images were split by {by}. This folder cannot be split so: {why}. All of its images are compared; if some were trained on, the accuracy flatters the model.',
  fallbackReasons: {
    DATA_NO_PARTS: 'it has no train folder beside a val or test folder',
    DATA_LIST_UNMATCHED: 'none of the listed names is that of an image in it',
    DATA_NO_PLACE: 'its images do not say where on the map they lie',
    DATA_PLACES_DIFFER: 'its images are in several coordinate systems',
    DATA_FEW_BLOCKS: 'its images fall into too few blocks',
  },
  counts: 'Images of each class in each part',
  class: 'Class',
  all: 'All',
  notes: {
    unlisted: '{names} image is in no list and left out. | {names} images are in no list and left out.',
    unknown: '{names} name is that of no image: | {names} names are those of no image:',
    ambiguous:
      '{names} name fits several images and is passed over: | {names} names fit several images and are passed over:',
    repeated:
      '{names} name is in more than one list and held out: | {names} names are in more than one list and held out:',
    buffer:
      '{names} image is left out, too near to another part. | {names} images are left out, too near to another part.',
    notValidated:
      '{names} class has no image to validate on: | {names} classes have no image to validate on:',
    rest: '{names} image is in no list and trained on. | {names} images are in no list and trained on.',
    unreadable:
      '{names} image is left out, its place cannot be read. | {names} images are left out, their places cannot be read.',
  },
  help: {
    root: 'The folder whose sub-folders are the classes. Found by going down from the chosen folder until two or more sub-folders hold images.',
    by: 'Chance: each class is dealt out by the seed. Folders: train, val and test folders in the class root. Lists: files that name the images of each part. Place on the map: whole blocks of a map go to one part, so that neighbours are not on both sides.',
    test: 'Share of each class that is kept for evaluation only. It is never trained on or validated on.',
    validationSource:
      'Another folder with the same class names, to validate on after every epoch. All of these images are then trained on, but for the test part.',
    lists:
      'A text or CSV file with one image a line, by name or path; the ending is ignored. It may lie anywhere.',
    blockSize:
      'Side of a block, in units of the map (metres for UTM). Empty: chosen from the extent of the tiles.',
    blockBuffer: 'Tiles nearer than this to a tile of another part are left out. Empty: the side of a tile.',
  },
} as const
