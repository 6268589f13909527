import '@vue-flow/core/dist/style.css'
import './theme/theme.css'
import './theme/base.css'
import './canvas/flow.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import type { DataEvent } from '#shared/rpc/services'
import App from './App.vue'
import { useCommands } from './commands/useCommands'
import { i18n } from './i18n'
import { restoreProject } from './project/useAutosave'
import { startConnection } from './rpc'
import { useDataStore } from './stores/dataStore'
import { useNoticeStore } from './stores/noticeStore'
import { useRateStore } from './stores/rateStore'
import { useSurveyStore } from './stores/surveyStore'
import { useTrainingStore } from './stores/trainingStore'
import { useUiStore } from './stores/uiStore'
import { showTheme } from './theme/showTheme'

const app = createApp(App).use(createPinia()).use(i18n)

const notices = useNoticeStore()
app.config.errorHandler = (thrown) => notices.error(thrown)
window.addEventListener('unhandledrejection', (event) => notices.error(event.reason))

const ui = useUiStore()
showTheme(ui.theme, ui.contrast)
restoreProject()

const training = useTrainingStore()
const data = useDataStore()
const rates = useRateStore()
const surveys = useSurveyStore()
const events = {
  runEvent: training.onEvent,
  dataEvent(event: DataEvent) {
    if (event.type === 'scanning') data.onEvent(event)
    else surveys.onEvent(event)
  },
  rateEvent: rates.onEvent,
  command: (id: string) => useCommands().run(id),
}
app.mount('#app')

/** After every connection, the first and those after a break, what the main side knows is read anew. */
void startConnection(events, () => {
  void training.refresh()
  if (data.state.kind !== 'ready') void data.inspect()
})
