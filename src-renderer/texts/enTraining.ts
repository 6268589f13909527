/** The texts about training and runs: a part of `en.ts`. */
export const training = {
  settings: 'Training settings',
  epochs: 'Epochs',
  batchSize: 'Batch size',
  optimizer: 'Optimiser',
  learningRate: 'Learning rate',
  seed: 'Seed',
  executor: 'Runs on',
  more: 'More settings',
  optimizers: { adam: 'Adam', adamw: 'AdamW', sgd: 'SGD', rmsprop: 'RMSprop' },
  executors: { auto: 'Automatic', cpu: 'CPU', webgpu: 'GPU (WebGPU)' },
  extras: {
    momentum: 'Momentum',
    nesterov: 'Nesterov',
    beta1: 'Beta 1',
    beta2: 'Beta 2',
    alpha: 'Alpha',
    epsilon: 'Epsilon',
    weightDecay: 'Weight decay',
  },
  help: {
    epochs: 'How often all training images are gone through.',
    batchSize: 'Images per step. Larger steps are smoother and use more memory.',
    optimizer: 'How the weights follow the gradient. Adam adapts its steps and is a good start.',
    learningRate: 'Length of a step. Too large and the loss jumps about, too small and it hardly moves.',
    seed: 'Sets the first weights and the order of the images. The same seed gives the same curve.',
    executor: 'Automatic takes a real graphics processor where there is one, otherwise the CPU.',
    clipNorm:
      'Largest norm of all gradients together. Where a step would be longer it is shortened, so that rare large gradients do no harm. 1 is usual; empty clips nothing.',
    labelSmoothing:
      'Spreads this share of each target over all classes, so that the network grows less sure of itself. 0.1 is usual. The training loss then cannot reach 0; validation stays the plain cross-entropy.',
    classWeights:
      'How much an image of each class counts in the training loss. Balanced: rare classes count more, so that all classes weigh the same together. Validation stays unweighted.',
  },
  off: 'off',
  clipNorm: 'Clip gradients',
  labelSmoothing: 'Label smoothing',
  classWeights: 'Class weights',
  weighing: { none: 'All alike', balanced: 'Balanced', own: 'By hand' },
  noClasses: 'Choose images first; their classes appear here.',
  notAClass: 'The chosen images have no class of this name.',
  removeWeight: 'Remove',
  empty: 'The curves of a run appear here.',
  ready: 'Everything fits: press Train.',
  tip: 'Train on the chosen images ({keys})',
  refused: {
    running: 'A run is going on. Stop it or wait until it is done.',
    problems: 'The project file has problems; mend them first.',
    empty: 'There is no network yet. Begin with an input block, or choose a template.',
    misfit:
      'The network does not fit yet: {count} problem to mend. | The network does not fit yet: {count} problems to mend.',
    noData: 'No images are chosen. Choose them under Data.',
    badData: 'The chosen images cannot be used. {problem}',
    classWeights:
      'The class weights name {names}, which the images do not have. Mend them under More settings.',
  },
  phase: {
    preparing: 'Preparing',
    training: 'Training',
    stopping: 'Stopping',
    completed: 'Completed',
    stopped: 'Stopped',
    failed: 'Failed',
  },
  edited:
    'The network on the canvas was edited since. This run goes on with the network as it was when it started.',
  editedAfter: 'The network on the canvas is another than this run trained.',
  progress: 'Epoch {epoch} of {epochs}, image {done} of {total}',
  forecast: {
    title: 'Forecast',
    epoch: 'About {time} per epoch on {executor}',
    thousand: 'About {time} per 1,000 images on {executor}',
    memory: '{memory} for a batch of {batch}',
    measuring: 'Measuring a few steps…',
    again: 'Measure again',
    waits: 'Measured once no run is going on.',
    none: 'Told once every block fits.',
  },
  speed: '{speed} images/s',
  left: 'about {time} left',
  dataWait: 'waiting for data {share}',
  cacheHits: '{share} from the image cache',
  damaged:
    '{count} image was damaged in the cache and decoded again | {count} images were damaged in the cache and decoded again',
  validation: '{accuracy} validation',
  skipped: '{count} file skipped | {count} files skipped',
} as const

export const charts = {
  loss: 'Loss',
  accuracy: 'Accuracy',
  training: 'Training',
  validation: 'Validation',
  noEpoch: '{name}: no epoch finished yet',
  spoken: '{name} after epoch {epoch}: training {training}, validation {validation}',
} as const

export const runs = {
  empty: 'No runs yet. Press Train: every run is kept here with its curves and its model.',
  best: 'Best {accuracy} in epoch {epoch}',
  noEpoch: 'No epoch finished yet',
  restore: 'Network to canvas',
  used: {
    epochs: '{count} epoch | {count} epochs',
    batchSize: 'batch {count}',
    optimizer: '{name}, learning rate {rate}',
    extra: '{name} {value}',
    clipNorm: 'gradients clipped to {value}',
    labelSmoothing: 'label smoothing {value}',
    balanced: 'balanced class weights',
    own: 'class weights {list}',
    seed: 'seed {value}',
  },
} as const

export const goingOn = {
  open: 'Continue from here…',
  refused: 'The run has not finished an epoch yet.',
  title: 'Continue “{name}” with the network on the canvas',
  about:
    'A new run starts at epoch 1 with the last weights of that run, wherever block, name and size are the same. The optimiser starts afresh.',
  summary: '{carried} of {all} parameters are taken over',
  list: 'Weights',
  weight: 'Weight',
  fate: 'What happens',
  carried: 'taken over',
  otherShape: 'fresh: it was {before}',
  isNew: 'fresh: it is new',
  left: 'dropped: no block has it now',
  nothing: 'No weight of that run fits this network. Train afresh instead.',
  start: 'Continue training',
  from: 'Began with {carried} of {all} weights of “{name}”',
} as const
