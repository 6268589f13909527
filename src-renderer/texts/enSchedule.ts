/** The texts about what changes over a run: learning rate, batch size, early end, pause and going on. A part of `en.ts`. */
export const schedule = {
  title: 'Schedule',
  types: {
    constant: 'Constant',
    step: 'Steps',
    multiStep: 'At epochs',
    cosine: 'Cosine',
    plateau: 'On plateau',
  },
  help: {
    schedule:
      'How the learning rate changes over the run. Cosine is a good choice for a fixed number of epochs; On plateau lowers the rate when the validation loss stops falling.',
    stepSize: 'The rate is multiplied by the factor after every so many epochs.',
    gamma: 'What the rate is multiplied by.',
    milestones: 'The rate is multiplied by the factor after each of these epochs, for example 5, 8.',
    minLearningRate: 'The rate goes no lower than this.',
    factor: 'What the rate is multiplied by when the validation loss has stopped falling.',
    patience: 'So many epochs in a row may be no better; the next such one lowers the rate.',
    threshold: 'An epoch is better when its loss is lower by more than this share.',
    cooldown: 'After the rate was lowered, so many epochs do not count as bad.',
    warmup:
      'The rate first rises in a straight line. It helps where the first steps would be too wild; the schedule counts from its end.',
    warmupLength: 'How long the rate rises.',
    startFactor: 'Share of the learning rate that the first step has.',
    batchSizes:
      'Other batch sizes from an epoch on, written as epoch: size, for example 6: 64, 9: 128. Larger batches late in a run calm it as a lower rate does.',
  },
  stepSize: 'Every (epochs)',
  gamma: 'Factor',
  milestones: 'After epochs',
  minLearningRate: 'Lowest rate',
  factor: 'Factor',
  patience: 'Patience',
  threshold: 'Threshold',
  cooldown: 'Cool-down',
  warmup: 'Warm-up',
  warmupUnits: { off: 'Off', epochs: 'Epochs', steps: 'Steps' },
  warmupLength: 'Length',
  startFactor: 'Starts at',
  batchSizes: 'Batch changes',
  preview: 'Learning rate by epoch: from {first} to {last}, at most {most}',
  previewPlateau: 'Starts at {first}; falls when the validation loss stops falling',
  previewFirst: 'begins {rate}',
  previewMost: 'top {rate}',
  previewLast: 'epoch {epoch}: {rate}',
} as const

export const stopping = {
  title: 'Stop early',
  kinds: { off: 'Off', valLoss: 'Validation loss', valAccuracy: 'Valid. accuracy' },
  help: {
    title:
      'Ends the run when this has not become better for some epochs. The model is that of the best epoch in any case.',
    patience: 'So many epochs in a row that are no better end the run.',
    minDelta: 'A gain up to this counts as none.',
  },
  patience: 'Patience',
  minDelta: 'Least gain',
  reason:
    'Stopped early: {what} had not become better than {best} of epoch {epoch} for {count} epoch. | Stopped early: {what} had not become better than {best} of epoch {epoch} for {count} epochs.',
  watched: { valLoss: 'the validation loss', valAccuracy: 'the validation accuracy' },
} as const

export const rates = {
  open: 'Find…',
  openTip: 'Look for a learning rate: a hundred steps with a rising one',
  title: 'Learning-rate finder',
  about:
    'Trains fresh weights for up to 100 steps while the learning rate rises from 0.0000001 to 10. Where the loss falls steepest, the rate helps most; where it rises, the rate is too large. No run is touched.',
  reading: 'Reading images…',
  readingSome: 'Reading images: {done} of {total}',
  starting: 'Preparing the network…',
  trying: 'Step {done} of {total}',
  suggestion: 'Suggested learning rate: {rate}',
  because: 'There the smoothed loss falls steepest.',
  awayFrom: 'From {rate} on it runs away.',
  nothing: 'The loss fell with none of the rates. Look at the images and the network, or try a larger batch.',
  calledOff: 'Called off.',
  apply: 'Use {rate}',
  again: 'Look again',
  axisRate: 'Learning rate',
  axisLoss: 'Loss',
  smoothed: 'Smoothed',
  measured: 'Measured',
  spoken: 'Loss over the learning rate after {count} step | Loss over the learning rate after {count} steps',
  step: 'Set learning rate',
} as const

export const goOn = {
  pause: 'Pause the run',
  pauseShort: 'Pause',
  resume: 'Go on with the run',
  resumeShort: 'Go on',
  pausing: 'Pausing',
  pausedTip: 'Nothing is computed, everything is kept and saved.',
  paused: 'Paused in epoch {epoch} of {epochs}, image {done} of {total}',
  open: 'Resume…',
  openMore: 'More epochs…',
  refused: 'Nothing of this run was saved that it could go on from.',
  title: 'Resume “{name}”',
  about:
    'The same run goes on from its last saved state, with its own network and images: weights, optimiser and the order of images are as if it had never ended.',
  done: '{count} epoch is done. | {count} epochs are done.',
  partly: 'It was in epoch {epoch}.',
  epochs: 'Epochs in all',
  tooFew: 'All {count} epochs are done: ask for more.',
  cosine: 'Its cosine schedule is stretched over the new number of epochs.',
  start: 'Resume training',
} as const
