import type { DialogService, MainServices, RateEvent, WindowEvents } from '#shared/rpc/services'
import type { RunEvent } from '#shared/training/runState'
import type { DecoderProcess } from '../storage/decoding/decoderMessage'
import { createImageStore } from '../storage/imageStore'
import { runsFolder } from '../storage/userFolder'
import { AppFacts } from './appService'
import { ImageData } from './dataService'
import { EngineClient } from './engineClient'
import { ModelEvaluations } from './evaluationService'
import { ModelExport } from './exportService'
import { FolderDialog } from './folderDialog'
import type { GpuLender } from './gpuLender'
import { ProjectFiles } from './projectService'
import { UnsavedProjects } from './recoveryService'
import { RunModels } from './runModels'
import { SceneMaps } from './sceneService'
import { ImageSurveys } from './surveyService'
import { TrainingRuns } from './trainingService'
import { validated } from './validate'

export interface WindowServices {
  services: MainServices
  close(): void
}

/** Events of a window's own services. */
export type TellWindow = Pick<WindowEvents, 'dataEvent'>

export interface CreatedServices {
  /** For one more window, until it is closed; `tell` takes what concerns it alone. Every argument is validated. `dialogs` are the shell's own, where it has some. */
  openWindow(tell: TellWindow, dialogs?: (own: DialogService) => DialogService): WindowServices
  /** Calls `listener` with every event of every run, until the answered function is called. */
  onRunEvent(listener: (event: RunEvent) => void): () => void
  onRateEvent(listener: (event: RateEvent) => void): () => void
  /** Stops the active run with everything saved, then the engine. */
  dispose(): Promise<void>
}

export interface ServicesOptions {
  shell: 'electron' | 'browser'
  version: string
  gpu?: GpuLender
  /** Where decoders cannot be plain child processes. */
  startDecoder?: () => DecoderProcess
}

/** Everything a window may ask for, over one engine. */
export function createServices({ shell, version, gpu, startDecoder }: ServicesOptions): CreatedServices {
  const engine = new EngineClient(gpu)
  const images = createImageStore(startDecoder)
  const training = new TrainingRuns(engine, { runsFolder: runsFolder(), version, images })
  const models = new RunModels(training)
  const evaluation = new ModelEvaluations(engine, training, models, images)
  const scene = new SceneMaps(engine, models)
  const unsaved = new UnsavedProjects()
  const shared = {
    app: new AppFacts(shell, version),
    project: new ProjectFiles(),
    dialog: new FolderDialog(),
    training,
    export: new ModelExport(engine, models, images),
    evaluation,
    scene,
  }
  return {
    openWindow(tell, dialogs = (own) => own) {
      const recovery = unsaved.forWindow()
      const data = new ImageData(engine, images, (event) => tell.dataEvent(event))
      const survey = new ImageSurveys(images, data, (event) => tell.dataEvent(event))
      const services = validated({ ...shared, recovery, data, survey })
      return {
        services: { ...services, dialog: dialogs(services.dialog) },
        close() {
          recovery.close()
          void data.stopInspecting()
          void survey.stop()
        },
      }
    },
    onRunEvent: (listener) => training.onRunEvent(listener),
    onRateEvent: (listener) => training.onRateEvent(listener),
    async dispose() {
      unsaved.dispose()
      scene.dispose()
      await Promise.all([training.dispose(), evaluation.dispose()])
      await engine.dispose()
      images.pool.dispose()
    },
  }
}
