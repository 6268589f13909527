/** The texts about project files: opened, saved, dropped, recovered: a part of `en.ts`. */
export const project = {
  name: 'Project name',
  unsaved: 'There are unsaved changes',
  notSaved: 'Not saved to a file yet',
  open: 'Open a project',
  saveAs: 'Save the project as',
  saved: 'Saved to {file}.',
  saveRefused: 'The project has problems; mend them before it is written.',
  openedWithProblems:
    'The file has {count} problem. It is shown at its block and in the overview. | The file has {count} problems. They are shown at their blocks and in the overview.',
  openedModel: 'The network of the model was opened as a new project; its trained weights stay in the model.',
  droppedWithoutPlace:
    'The browser does not tell where the dropped file lies, so the images in “{source}” may not be found. Choose them under Data, or open the file with Open.',
  share: 'Save a copy to share',
  shared: 'A copy was saved to {file}. The project itself stays where it is.',
  sharedWithout:
    'A copy was saved to {file}. The folder of images, {source}, is on this machine only and was left out.',
  fileChanged: {
    title: 'Overwrite what changed on disk?',
    text: '{file} was changed since it was opened or saved here, perhaps in another window. Overwriting loses that change. Cancel to save under another name.',
    action: 'Overwrite',
  },
  fileThere: {
    title: 'Replace the file?',
    text: 'There is a file at {file} already. Its content would be lost.',
    action: 'Replace',
  },
  recent: {
    title: 'Recent projects',
    missing: 'Missing',
    remove: 'Remove “{name}” from this list',
  },
  recovered: {
    label: 'Recovered changes',
    file: 'Recovered unsaved changes of “{name}” ({file}), last edited {when}.',
    unsaved: 'Recovered unsaved changes of “{name}”, never saved to a file, last edited {when}.',
    others: 'and {count} more | and {count} more',
    open: 'Open',
    discard: 'Discard…',
    later: 'Not now; they are offered again',
    damaged: 'the recovered changes cannot be read',
    discardTitle: 'Discard the recovered changes of “{name}”?',
    discardText: 'They are in no file. They would be lost.',
  },
  drop: {
    title: 'Drop to open or to predict',
    text: 'A project (.interlock.json), a model.json for its network, or images to predict',
    nothing: 'Nothing was dropped that can be opened. Drop a project file, or images.',
    several: '{count} files were dropped. Drop one project at a time.',
    other:
      '{name} is neither a project nor an image. Drop a file ending in .interlock.json, a model.json, or images.',
    large: '{name} is too large for a project file.',
  },
  discard: {
    title: 'Leave “{name}” unsaved?',
    text: 'It has changes that are not in a file.',
    action: 'Discard changes',
  },
} as const
