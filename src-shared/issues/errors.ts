/**
 * Every error a person can meet, by code, in one table. A text says what was expected, what was found and how to mend it;
 * `{name}` stands for a detail. Fit issues of a graph have their own table beside this one (`fitIssues.ts`).
 */
export const errorTexts = {
  // Projects
  PROJECT_NOT_JSON:
    'The project file {file} is not valid JSON: {problem}. Open it in a text editor and mend that place, or open another file.',
  PROJECT_INVALID: 'The project file {file} has problems: {problems}. Mend or remove what is named.',
  PROJECT_NEWER:
    'The project file {file} has version {found}; this Interlock reads versions up to {supported}. Update Interlock to open it.',
  PROJECT_DOES_NOT_FIT: 'The network does not fit yet: {problems} Mend these before training.',
  // Files
  FILE_NOT_FOUND: 'There is nothing at {file}. Check the path.',
  FILE_UNREADABLE: '{file} cannot be read: {problem}. Check its permissions.',
  FILE_UNWRITABLE:
    '{file} cannot be written: {problem}. Choose another place, or free some space; nothing was lost.',
  FILE_CHANGED:
    '{file} holds something else than was opened or saved last. Save under another name, or overwrite it knowingly.',
  FILE_EXISTS: '{file} is there already. Choose another name, or replace it knowingly.',
  // Data
  DATA_NOT_CHOSEN:
    'No images are chosen. Pick a folder with one sub-folder per class, or the bundled digits.',
  DATA_NOT_A_FOLDER: '{folder} is not a folder. Choose a folder with one sub-folder per class.',
  DATA_EMPTY:
    '{folder} holds no class folders with images: {found}. Expected one sub-folder per class, with {formats} files in each.',
  DATA_ROOT_MISSING:
    'There is no folder {root} with images in sub-folders below {folder}. Choose another class root, or let it be found.',
  DATA_NO_PARTS:
    '{folder} has no train folder beside a val or test folder; it holds: {found}. Split by seed, or choose the class root that has them.',
  DATA_NO_LISTS:
    'The project splits by lists and names none. Name a file with the images of at least one part, or split by seed.',
  DATA_LIST_UNMATCHED:
    'None of the {count} names in {list} is that of an image in {folder}; the first is {first}. Names are compared without folder and ending. Choose another list or folder.',
  DATA_NO_PLACE:
    '{count} of the images in {folder} do not say where on the map they lie, the first is {file}. Give them coordinates (gdal_translate -a_srs EPSG:CODE -a_ullr LEFT TOP RIGHT BOTTOM IN OUT.tif), or split by seed.',
  DATA_PLACES_DIFFER:
    'The images in {folder} are in {count} coordinate systems ({names}); distances between them cannot be told. Bring them to one (gdalwarp -t_srs {first} IN.tif OUT.tif), or split by seed.',
  DATA_FEW_BLOCKS:
    'With blocks of {size} the images in {folder} fall into {count}; at least {needed} are needed, one a part. Choose smaller blocks, or split by seed.',
  DATA_NOT_TRAINED:
    'Class {className} has no image to train on: {why}. Give it some (with blocks: smaller ones, a smaller buffer or another seed), or split by seed.',
  DATA_NO_VALIDATION: 'No image is left to validate on: {why}. Give it some, or split by seed.',
  DATA_ONE_CLASS:
    '{folder} holds only one class ({className}). Training needs at least two class folders side by side: choose the folder above it, or add a class.',
  DATA_NO_USABLE_IMAGE:
    'None of the {count} images of class {className} in {folder} could be read. First problem: {problem}.',
  DATA_NO_IMAGES: 'There are no images to {use} in {folder}: {problem}.',
  DATA_TOO_LITTLE:
    'Class {className} has {count} usable image; at least 2 are needed, one to train on and one to validate.',
  DATA_CLASSES_DIFFER:
    'The classes of {folder} ({found}) are not those of {other} ({expected}). Use folders with the same class names.',
  DATA_VALIDATION_DIFFERS:
    'The images to validate on in {folder} hold {found}, those to train on {expected}. Bring them to the same bands and numbers, or validate on other images.',
  FORMULA_INVALID: 'The formula {formula} does not work: {problem}, at character {at}.',
  BAND_UNKNOWN: 'The images have no band {band}. Their bands: {bands}. Choose among these.',
  BAND_NAMES_DIFFER:
    'There are names for {names} bands, but the images have {bands}. Name each band, or let the files name them.',
  LISTING_GONE: 'The images were listed anew in the meantime. Try again.',
  IMAGES_EXCEED_MEMORY:
    'The decoded images need {needed}, more than this machine can give. Make the input block smaller, or use fewer images.',
  CLASS_COUNT_MISMATCH:
    'The network ends in {found} classes, the data has {expected}. Set the last dense block to {expected} units.',
  // Models
  MODEL_INVALID: 'The model file {file} has problems: {problems}. Export the model again.',
  MODEL_NEWER:
    'The model file {file} has version {found}; this Interlock reads versions up to {supported}. Update Interlock to open it.',
  MODEL_WEIGHTS_DAMAGED:
    'The weights in {file} do not match the hash in the model file. Copy both files again or export the model again.',
  IMAGE_UNREADABLE: '{file} cannot be read as an image: {problem}.',
  IMAGE_JPEG_2000: '{file} cannot be read: {problem}.',
  // Scenes
  SCENE_UNREADABLE:
    '{file} cannot be read as a scene: {problem}. A GeoTIFF is expected; gdal_translate -of GTiff converts other formats.',
  SCENE_UNSUITABLE:
    '{file} is not a scene for this model: {problem}. Use a scene with the bands and numbers of the training images.',
  SCENE_TOO_SMALL:
    '{file} is {size} pixels, smaller than one window of {patch}. Use a larger scene, or smaller windows (--patch).',
  SCENE_TOO_LARGE:
    '{file} would be cut into {cells} cells; at most {most} can be mapped. Use a larger stride (--stride).',
  CLASSES_TOO_MANY: 'The model has {found} classes; a map holds at most {most}.',
  // Training
  RUN_ALREADY_ACTIVE:
    'A run is going on ({run}). Stop it, or wait until it is done, before you start another.',
  RUN_NOT_FOUND: 'There is no run {run}. It may have been deleted.',
  RUN_UNDER_WAY: 'The run {run} is still going on. Stop it first, then delete it.',
  RUN_WITHOUT_MODEL:
    'The run {run} has not finished an epoch yet, so there is no model. Wait for its first epoch.',
  RUN_NOT_RESUMABLE: 'There is nothing to resume in {folder}: {problem}. Start the run without --resume.',
  WEIGHTS_NOT_FOUND:
    'No weights can be taken over from {folder}: {problem}. Choose a run that has finished an epoch, or start afresh.',
  START_NOT_KEPT:
    'The run {run} began with weights of “{from}” that are not there any more ({problem}), so it cannot be repeated as it was. Start a run with weights of “{from}” again (“Continue from here…”, on the command line: train --weights-from), and repeat that one.',
  RUN_DIVERGED:
    'The loss stopped being a number in epoch {epoch}. Lower the learning rate (now {learningRate}) and train again; the epochs finished before are kept.',
  CLASS_WEIGHTS_UNKNOWN:
    'The class weights name {names}, which the images do not have. Their classes: {classes}. Mend or remove these weights.',
  // Engine
  EXECUTOR_UNAVAILABLE:
    'The executor {executor} is not available here: {problem}. Use auto or another executor.',
  OUT_OF_MEMORY:
    'The network needs {needed} for a batch of {batch}, and {available} is available. A batch of {fits} would fit.',
  NETWORK_EXCEEDS_MEMORY:
    'The network needs {needed} for a single image, and {available} is available. Use fewer filters or units, or a smaller input.',
  RUN_INTERRUPTED:
    '{problem} What was learnt up to {position} is saved. Resume the run to go on from there (on the command line: train --resume), with another executor if it fails again.',
  DEVICE_LOST: 'The graphics device was lost: {problem}. Try again, or take the CPU.',
  CPU_THREAD_LOST: 'A thread of the CPU executor ended: {problem}. Try again, or use fewer threads.',
  ENGINE_STOPPED:
    'The engine stopped unexpectedly: {problem}. What a run had learnt up to its last checkpoint is saved; resume it to go on (on the command line: train --resume).',
  // Use
  ARGUMENT_INVALID: '{what}: expected {expected}, found {found}.',
  FORMAT_UNKNOWN: 'There is no format {format}. Formats: {formats}.',
  TEMPLATE_UNKNOWN: 'There is no template {template}. Templates: {templates}.',
  PORT_TAKEN:
    'Port {port} of this machine is in use. Stop what uses it, or start without --port to take a free one.',
  CONNECTION_LOST:
    'The connection to Interlock was lost. A run under way goes on; reload this window, or start Interlock again.',
  BROWSER_NOT_ALLOWED:
    'This request does not come from the Interlock window. Open the address that Interlock printed.',
  INTERNAL:
    'Something went wrong inside Interlock: {problem}. Please report it with the steps that led here.',
} as const

export type ErrorCode = keyof typeof errorTexts
export type ErrorDetails = Record<string, string | number>

/** An error as plain data, for ports and JSON. */
export interface InterlockErrorData {
  code: ErrorCode
  message: string
  details: ErrorDetails
}

/** Fills `{name}` places of a text; a missing detail stays visible as its name. */
export function fillText(text: string, details: ErrorDetails): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(details[name] ?? place))
}

/** The one error class that carries a code. Anything else that is thrown is a defect and becomes INTERNAL. */
export class InterlockError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fillText(errorTexts[code], details), options)
    this.name = 'InterlockError'
    this.code = code
    this.details = details
  }

  toData(): InterlockErrorData {
    return { code: this.code, message: this.message, details: this.details }
  }

  static fromData(data: InterlockErrorData): InterlockError {
    return new InterlockError(data.code, data.details)
  }
}

/** Any thrown value as an InterlockError; unknown ones become INTERNAL with the original as cause. */
export function toInterlockError(thrown: unknown): InterlockError {
  if (thrown instanceof InterlockError) return thrown
  const problem = thrown instanceof Error ? thrown.message : String(thrown)
  return new InterlockError('INTERNAL', { problem }, { cause: thrown })
}
