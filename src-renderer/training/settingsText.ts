import { augments, noAugmentation, type AugmentationSettings } from '#shared/training/augmentation'
import { optimizerSchema, type TrainingSettings } from '#shared/training/settings'
import { t } from '../i18n'

/** The settings of a run in one line: those everyone asks for, and whatever differs from its default. */
export function settingsText(settings: TrainingSettings): string {
  const { epochs, batchSize, optimizer, seed, clipNorm, labelSmoothing, classWeights, augmentation } =
    settings
  const { batchSizes, schedule, warmup, earlyStopping } = settings
  const { type, learningRate, ...rest } = optimizer
  const defaults: Readonly<Record<string, unknown>> = optimizerSchema.parse({ type })
  const extras = Object.entries(rest)
    .filter(([key, value]) => value !== defaults[key])
    .map(([key, value]) => {
      const name = t(`training.extras.${key}` as 'training.extras.beta1')
      return typeof value === 'boolean' ? name : t('runs.used.extra', { name, value })
    })
  const parts = [
    t('runs.used.epochs', { count: epochs }),
    t('runs.used.batchSize', { count: batchSize }),
    ...batchSizes.map((change) =>
      t('runs.used.batchFrom', { size: change.batchSize, epoch: change.fromEpoch }),
    ),
    t('runs.used.optimizer', { name: t(`training.optimizers.${type}`), rate: learningRate }),
    ...extras,
  ]
  if (schedule.type !== 'constant') {
    const milestones = schedule.type === 'multiStep' ? schedule.milestones.join(', ') : ''
    parts.push(t(`runs.used.schedule.${schedule.type}`, { ...schedule, milestones }))
  }
  if (warmup) parts.push(t(`runs.used.warmup.${warmup.unit}`, { count: warmup.length }))
  if (earlyStopping)
    parts.push(t(`runs.used.stopping.${earlyStopping.monitor}`, { patience: earlyStopping.patience }))
  if (clipNorm !== null) parts.push(t('runs.used.clipNorm', { value: clipNorm }))
  if (labelSmoothing > 0) parts.push(t('runs.used.labelSmoothing', { value: labelSmoothing }))
  if (classWeights === 'balanced') parts.push(t('runs.used.balanced'))
  else if (classWeights !== 'none') {
    const list = Object.entries(classWeights).map(([name, value]) => `${name}: ${value}`)
    if (list.length > 0) parts.push(t('runs.used.own', { list: list.join(', ') }))
  }
  if (augments(augmentation)) parts.push(t('augmentation.used', { list: augmentationText(augmentation) }))
  parts.push(t('runs.used.seed', { value: seed }))
  return parts.join(' · ')
}

/** What is done to training images, and how much. */
function augmentationText(augmentation: AugmentationSettings): string {
  return Object.entries(augmentation)
    .filter(([key, value]) => value !== noAugmentation[key as keyof AugmentationSettings])
    .map(([key, value]) => {
      const name = t(`augmentation.names.${key}` as 'augmentation.names.shift')
      return typeof value === 'boolean' ? name : t('runs.used.extra', { name, value })
    })
    .join(', ')
}
