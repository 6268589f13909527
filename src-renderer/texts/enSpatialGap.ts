/** The texts about a random split against one by place: a part of `en.ts`. */
export const spatialGap = {
  open: 'Compare with a random split…',
  help: 'How much better does a random split look than this one?',
  title: 'A random split against this one',
  about:
    'Trains the network twice with the same settings and seeds, one run after the other: with images dealt out by chance, then by whole blocks of the map. Neighbouring tiles look alike; where they fall on both sides, the accuracy says more of memory than of the next scene. Both runs are kept under Runs.',
  epochs: 'Epochs of each run',
  images:
    'By place, {training} images are trained on and {validation} validated on; by chance also those that the buffer leaves out here.',
  start: 'Train both',
  compared: { seed: 'two splits: by chance', blocks: 'two splits: by place' },
  by: { seed: 'By chance', blocks: 'By place' },
  progress: '{by}, run {index} of 2: epoch {epoch} of {epochs}',
  preparing: '{by}, run {index} of 2: {phase}',
  stop: 'Cancel',
  label: 'Accuracy of the two splits',
  split: 'Split',
  accuracy: 'Best validation accuracy',
  trained: 'Trained on',
  validated: 'Validated on',
  flattered:
    'By chance the network looks {gap} points better (± {error}) than on places it has not seen. On a new scene expect about {blocks}, not {seed}.',
  alike:
    'The two lie {gap} points apart, which is within what so few validation images can tell (± {error}): nothing here shows that chance flatters this network.',
  reverse:
    'By place it is {gap} points better (± {error}): the blocks held out are easier than the others. Another split seed may show it the other way.',
  incomplete: 'The last comparison was not finished.',
  changed: 'The network or its settings were another then.',
  show: 'Show under Runs',
} as const
