/** The texts about comparing and keeping runs: a part of `en.ts`. */
export const compare = {
  choose: 'Compare {name} of {date}',
  open: 'Compare',
  openCount: 'Compare {count} run | Compare {count} runs',
  tooFew:
    'Tick two or more runs to see them on one chart, and what differs between them. A run of a series stands for all of them.',
  title: 'Compare runs',
  about:
    'Validation over epochs, and every setting, block and connection that is not the same. Runs repeated with seeds are one: their mean, in a band from the least to the greatest.',
  training: 'Training curves too (dotted)',
  noise: {
    real: '“{name}” is {points} percentage points better on average. That is more than the noise between seeds (Welch’s t-test, {p}).',
    chance:
      'On average “{name}” is {points} percentage points better. That is within the noise between seeds (Welch’s t-test, {p}): these runs do not show that it is better. Smaller differences show with more seeds.',
    unknown:
      'Whether a difference is real or chance shows only when each is repeated with several seeds (“Repeat with seeds…” at a run).',
  },
  loss: 'Loss',
  accuracy: 'Accuracy',
  trainingOf: '{name}, training',
  spoken: '{name} on the validation images. {runs}',
  spokenRun: '{name}: best {value} in epoch {epoch}.',
  spokenNone: '{name}: no epoch finished yet.',
  outcome: 'Outcome',
  bestAccuracy: 'Best validation accuracy',
  bestEpoch: 'Best epoch',
  bestLoss: 'Validation loss there',
  trainingAccuracy: 'Training accuracy there',
  epochs: 'Epochs finished',
  images: 'Images to train and to validate',
  parts: {
    training: 'Training settings',
    data: 'Data',
    block: 'Blocks',
    connection: 'Connections',
  },
  same: 'Settings, data and network are the same. What differs between these curves is chance, or another computer.',
  missing: 'not there',
  there: 'there',
  none: 'none',
  yes: 'yes',
  no: 'no',
  input: '{from} → {to}, input {input}',
  connection: '{from} → {to}',
} as const

export const runCare = {
  open: 'Name and note…',
  title: 'Name and note of a run',
  about: 'Kept with the run. The project keeps its own name.',
  name: 'Name',
  note: 'Note',
  noteHint: 'What was tried, and what came of it',
  save: 'Save',
  delete: 'Delete…',
  deleteTitle: 'Delete the run “{name}”?',
  deleteText:
    'Its curves, its checkpoint and its models are deleted from this computer for good. The project and the images stay.',
  deleteYes: 'Delete the run',
  goesOn: 'The run is still going on. Stop it first.',
} as const

export const repeat = {
  open: 'Repeat with seeds…',
  title: 'Repeat “{name}” with seeds',
  about:
    'Trains the same network on the same split several times, one run after the other; only first weights and order of the images differ. Compared, they show how much of a difference is chance. Stop ends the rest too.',
  count: 'Runs',
  seeds: 'with the seeds {from} to {to}',
  start: 'Train them',
  carried: 'Each begins with the same weights of “{name}” as this run did.',
  broken: 'The series ended with run {index} of {count}, because the next one could not start. {problem}',
  place: 'seed {seed}, {index} of {count}',
} as const
