import type { MainServices } from '#shared/rpc/services'
import type { RunEvent } from '#shared/training/runState'
import type { DecoderProcess } from '../storage/decoding/decoderMessage'
import { createImageStore } from '../storage/imageStore'
import { runsFolder } from '../storage/userFolder'
import { AppFacts } from './appService'
import { ImageData } from './dataService'
import { EngineClient } from './engineClient'
import { ModelExport } from './exportService'
import { FolderDialog } from './folderDialog'
import type { GpuLender } from './gpuLender'
import { ProjectFiles } from './projectService'
import { TrainingRuns } from './trainingService'
import { validated } from './validate'

export interface CreatedServices {
  /** Every argument is validated. The desktop shell puts its native dialogs in place of `dialog`. */
  services: MainServices
  /** Calls `listener` with every event of every run, until the answered function is called. */
  onRunEvent(listener: (event: RunEvent) => void): () => void
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
  return {
    services: validated({
      app: new AppFacts(shell, version),
      project: new ProjectFiles(),
      dialog: new FolderDialog(),
      data: new ImageData(images),
      training,
      export: new ModelExport(engine, training, images),
    }),
    onRunEvent: (listener) => training.onRunEvent(listener),
    async dispose() {
      await training.dispose()
      await engine.dispose()
      images.pool.dispose()
    },
  }
}
