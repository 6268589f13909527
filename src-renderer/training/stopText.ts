import type { EarlyStop } from '#shared/training/earlyStopping'
import { percentText } from '../frame/formatNumber'
import { t } from '../i18n'

/** Why a run ended before its last epoch, in words. */
export function stopText({ monitor, best, bestEpoch, patience }: EarlyStop): string {
  return t('stopping.reason', {
    what: t(`stopping.watched.${monitor}`),
    best: monitor === 'valLoss' ? best.toFixed(4) : percentText(best),
    epoch: bestEpoch,
    count: patience,
  })
}
