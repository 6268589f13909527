import { Download, Map as MapIcon, Pause, Play, Square, TrendingDown } from '@lucide/vue'
import { t } from '../i18n'
import { useRateStore } from '../stores/rateStore'
import { useTrainingStore } from '../stores/trainingStore'
import { useUiStore } from '../stores/uiStore'
import type { Command } from './command'

export function trainingCommands(): Command[] {
  const training = useTrainingStore()
  const ui = useUiStore()
  const rates = useRateStore()
  const paused = () => {
    const kind = training.active?.state.phase.kind
    return kind === 'paused' || kind === 'pausing'
  }
  const exportRefusal = () => (training.shown?.state.best ? null : t('export.refused'))
  return [
    {
      id: 'training.start',
      label: () => t('commands.train'),
      icon: Play,
      shortcut: 'mod+enter',
      enabled: () => training.refusal === null,
      reason: () => training.refusal,
      run: () => void training.start(),
    },
    {
      id: 'training.findRate',
      label: () => t('rates.title'),
      icon: TrendingDown,
      enabled: () => training.refusal === null,
      reason: () => training.refusal,
      run: () => void rates.search(),
    },
    {
      id: 'training.pause',
      label: () => t(paused() ? 'goOn.resume' : 'goOn.pause'),
      icon: Pause,
      shortcut: 'mod+shift+.',
      enabled: () => paused() || training.active?.state.phase.kind === 'training',
      run: () => void (paused() ? training.resume() : training.pause()),
    },
    {
      id: 'training.stop',
      label: () => t('commands.stop'),
      icon: Square,
      shortcut: 'mod+.',
      enabled: () => training.active !== null && training.active.state.phase.kind !== 'stopping',
      run: () => void training.stop(),
    },
    {
      id: 'training.export',
      label: () => t('commands.export'),
      icon: Download,
      shortcut: 'mod+e',
      enabled: () => exportRefusal() === null,
      reason: exportRefusal,
      run: () => (ui.exportRunId = training.shown?.runId ?? null),
    },
    {
      id: 'training.mapScene',
      label: () => t('commands.mapScene'),
      icon: MapIcon,
      enabled: () => exportRefusal() === null,
      reason: exportRefusal,
      run: () => (ui.sceneRunId = training.shown?.runId ?? null),
    },
  ]
}
