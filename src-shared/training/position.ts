import type { TrainerPosition, TrainerState } from '../engine/protocol'

export function positionOf({ epoch, step, withinEpoch }: TrainerState): TrainerPosition {
  return { epoch, step, images: withinEpoch?.images ?? 0 }
}

/** Where a run goes on, in words that follow "from". */
export function positionText({ epoch, step, images }: TrainerPosition): string {
  if (step === 0) return 'its start'
  return images === 0 ? `the end of epoch ${epoch}` : `step ${step}, in epoch ${epoch + 1}`
}
