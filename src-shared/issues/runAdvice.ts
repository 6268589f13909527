/** What a run's figures say, in words: codes, severities, and what to try. `{name}` stands for a detail. */
import { fillText, type ErrorDetails } from './errors'

interface AdviceText {
  severity: 'warning' | 'hint'
  text: string
}

export const runAdviceTexts = {
  NOT_LEARNING: {
    severity: 'warning',
    text: 'After {epochs} epochs the loss is {loss}; guessing gives {chance}. The network has not learnt anything yet. Try another learning rate (ten times larger or smaller), and look whether the images lie in the right class folders.',
  },
  LOSS_JUMPED: {
    severity: 'warning',
    text: 'The training loss went up from {before} to {now}. The steps are too long: try a learning rate of {rate}, or clip the gradients.',
  },
  EXPLODING_GRADIENT: {
    severity: 'warning',
    text: 'The gradient of {block} has grown to {norm}, {times} times what it was. Exploding gradients throw the weights about: clip the gradients (1 is usual), lower the learning rate, or add batch normalisation.',
  },
  VANISHING_GRADIENT: {
    severity: 'warning',
    text: 'For its size, the gradient of {block} is {times} times smaller than that of {last}: it hardly learns. Gradients vanish on their way back through many sigmoid or tanh layers. Use ReLU, add batch normalisation, or a shortcut around the layers (add).',
  },
  DEAD_RELUS: {
    severity: 'warning',
    text: '{share} of the outputs of {block} are zero for every image that was tried: their ReLU is dead, and their weights no longer learn. Try a smaller learning rate, batch normalisation before the activation, or leaky ReLU; or the block has more of them than the task needs.',
  },
  OVERFITTING: {
    severity: 'warning',
    text: 'Since epoch {epoch} the validation loss has risen from {best} to {now} while the training loss fell: the network learns the training images by heart. Try augmentation, dropout or weight decay, a smaller network, more images; early stopping ends such a run. The best epoch is kept.',
  },
  STILL_IMPROVING: {
    severity: 'hint',
    text: 'The last epoch was the best one, so more epochs may improve the network further.',
  },
} as const satisfies Record<string, AdviceText>

export type RunAdviceCode = keyof typeof runAdviceTexts

export interface RunAdvice {
  code: RunAdviceCode
  severity: AdviceText['severity']
  /** The block it is about, or null. */
  blockId: string | null
  message: string
}

export function runAdvice(
  code: RunAdviceCode,
  details: ErrorDetails,
  blockId: string | null = null,
): RunAdvice {
  const { severity, text } = runAdviceTexts[code]
  return { code, severity, blockId, message: fillText(text, details) }
}
