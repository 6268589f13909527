/**
 * Reads a run's figures as an experienced person would: is it learning, and if not, why, and what to try. The limits are rules of thumb
 * (none of them stops anything), chosen so that the templates give no warning on the bundled digits.
 */
import type { BlockHealth, EpochMetrics } from '../engine/protocol'
import { runAdvice, type RunAdvice } from '../issues/runAdvice'
import type { RunState } from './runState'

/** A network that guesses has a loss of ln(classes); one that is within this share of it after some epochs has learnt nothing. */
const chanceShare = 0.97
const epochsToLearn = 3
const lossJump = 1.5
const gradientGrowth = 30
/** Gradient norm by weight norm of the first trained block, as a share of that of the last. */
const vanishingShare = 1e-3
const deadShare = 0.75
/** Epochs since the best one, and rise of the validation loss, that make over-fitting. */
const epochsSinceBest = 3
const overfittingRise = 1.1

type Asked = Pick<RunState, 'epochs' | 'classes' | 'best' | 'project' | 'phase' | 'within'>

/** What there is to say after the last epoch, or of the blocks within a long one; warnings first. Pure. */
export function adviseRun(run: Asked): RunAdvice[] {
  const { epochs, within } = run
  const last = epochs.at(-1)
  const nameOf = (blockId: string): string =>
    run.project.graph.blocks.find(({ id }) => id === blockId)?.name ?? blockId
  const before = epochs.slice(0, -1)
  const blocks = within?.blocks ?? last?.blocks ?? []
  const loss = last ? adviseLoss(run, before, last) : []
  return [
    ...loss,
    ...adviseGradients(within ? epochs : before, blocks, nameOf),
    ...adviseDead(blocks, nameOf),
    // Of a run that has not learnt anything, more of the same is no advice.
    ...(last && loss.length === 0 ? adviseFit(run, before, last) : []),
  ]
}

const figure = (value: number): string =>
  value >= 1000 || value < 0.001 ? value.toExponential(1) : value.toPrecision(3)

function adviseLoss(
  { classes, project }: Asked,
  before: readonly EpochMetrics[],
  last: EpochMetrics,
): RunAdvice[] {
  const { training } = project
  const chance = Math.log(classes.length)
  // Smoothed or weighted losses have another level; there the validation loss, which is plain, tells as well.
  const plain = training.labelSmoothing === 0 && training.classWeights === 'none' ? last.loss : last.valLoss
  if (before.length + 1 >= epochsToLearn && classes.length > 1 && plain > chanceShare * chance) {
    return [runAdvice('NOT_LEARNING', { epochs: last.epoch, loss: figure(plain), chance: figure(chance) })]
  }
  const lowest = Math.min(...before.map(({ loss }) => loss))
  if (!(last.loss > lossJump * lowest)) return []
  const rate = figure(training.optimizer.learningRate / 3)
  return [runAdvice('LOSS_JUMPED', { before: figure(lowest), now: figure(last.loss), rate })]
}

interface Trained extends BlockHealth {
  weightNorm: number
  gradientNorm: number
}

function trainedBlocks(blocks: readonly BlockHealth[]): Trained[] {
  return blocks.filter((block): block is Trained => (block.weights ?? 0) > 0)
}

function adviseGradients(
  before: readonly EpochMetrics[],
  blocks: readonly BlockHealth[],
  nameOf: (blockId: string) => string,
): RunAdvice[] {
  const now = trainedBlocks(blocks)
  const advice: RunAdvice[] = []
  const grown = now
    .map((block) => ({ block, times: block.gradientNorm / medianNorm(before, block.blockId) }))
    .filter(({ block, times }) => times > gradientGrowth && block.gradientNorm > 1)
    .sort((a, b) => b.times - a.times)[0]
  if (grown) {
    const { blockId, gradientNorm } = grown.block
    const details = { block: nameOf(blockId), norm: figure(gradientNorm), times: figure(grown.times) }
    advice.push(runAdvice('EXPLODING_GRADIENT', details, blockId))
  }
  const [first] = now
  const end = now.at(-1)
  if (first && end && first !== end) {
    const share = first.gradientNorm / first.weightNorm / (end.gradientNorm / end.weightNorm)
    if (share < vanishingShare) {
      const details = { block: nameOf(first.blockId), last: nameOf(end.blockId), times: figure(1 / share) }
      advice.push(runAdvice('VANISHING_GRADIENT', details, first.blockId))
    }
  }
  return advice
}

/** NaN, which compares as false, before there are two epochs to go by. */
function medianNorm(epochs: readonly EpochMetrics[], blockId: string): number {
  const norms = epochs
    .flatMap((epoch) => trainedBlocks(epoch.blocks ?? []).filter((block) => block.blockId === blockId))
    .map(({ gradientNorm }) => gradientNorm)
    .sort((a, b) => a - b)
  return norms.length < 2 ? NaN : norms[norms.length >> 1]!
}

function adviseDead(blocks: readonly BlockHealth[], nameOf: (blockId: string) => string): RunAdvice[] {
  return blocks.flatMap(({ blockId, dead }) => {
    if (typeof dead !== 'number' || dead < deadShare) return []
    const details = { block: nameOf(blockId), share: `${Math.round(dead * 100)} %` }
    return [runAdvice('DEAD_RELUS', details, blockId)]
  })
}

function adviseFit({ best, phase }: Asked, before: readonly EpochMetrics[], last: EpochMetrics): RunAdvice[] {
  if (best === null) return []
  const bestEpoch = before.find(({ epoch }) => epoch === best.epoch)
  const rose = last.valLoss > overfittingRise * best.valLoss
  if (bestEpoch && last.epoch - best.epoch >= epochsSinceBest && rose && last.loss < bestEpoch.loss) {
    const details = { epoch: best.epoch, best: figure(best.valLoss), now: figure(last.valLoss) }
    return [runAdvice('OVERFITTING', details)]
  }
  const more = phase.kind === 'completed' && best.epoch === last.epoch && before.length > 0
  return more ? [runAdvice('STILL_IMPROVING', {})] : []
}
