/** The texts about how the blocks of a run are doing: a part of `en.ts`. */
export const health = {
  advice: 'What the figures say',
  show: 'Show the block',
  title: 'Blocks after epoch {epoch}: weights, gradients, dead outputs',
  titleWithin: 'Blocks within epoch {epoch}: weights, gradients, dead outputs',
  block: 'Block',
  weights: 'Weights',
  gradient: 'Gradient',
  relative: 'Gradient by weights',
  dead: 'Dead outputs',
  notLooked: 'not known',
  help: {
    weights:
      'Length (L2 norm) of all trained weights of the block together: its filters or units, and their biases.',
    gradient: 'Length (L2 norm) of their gradient in the last step, before clipping.',
    relative:
      'How long the gradient is beside the weights, on a logarithmic scale. A bar much shorter than the others: the block hardly learns.',
    dead: 'Activation maps or units that the ReLU kept at zero everywhere, for all of the images tried. They pass no gradient on, so their weights no longer learn.',
    notLooked:
      'Dead outputs are looked for with 16 images at a time. The maps of this network would take more than 256 MB for them, or there is no memory left.',
  },
}
