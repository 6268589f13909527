import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { templateByName } from '#shared/templates/index'
import { version } from '../../package.json'
import { EngineClient } from '../services/engineClient'
import { createImageStore } from '../storage/imageStore'
import { TrainingRuns } from '../services/trainingService'

/** Seconds from asking for a training of LeNet on the 10,000 digits to its first loss, engine thread not started yet. */
export async function firstLossSeconds(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-bench-'))
  const engine = new EngineClient()
  const images = createImageStore()
  const runs = new TrainingRuns(engine, { runsFolder: folder, version, images })
  try {
    const started = performance.now()
    const first = new Promise<number>((resolve) => {
      runs.onRunEvent(({ type }) => {
        if (type === 'progress') resolve((performance.now() - started) / 1000)
      })
    })
    const project = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
    const running = await runs.startRun({
      project: { ...project, data: { ...project.data, source: 'sample:digits' } },
      projectFile: null,
      executor: 'cpu',
      threads: null,
      folder: join(folder, 'run'),
      resume: false,
    })
    const failed = running.finished.then((state) => {
      throw new Error(`the training ended as ${state.phase.kind} before its first loss`)
    })
    const seconds = await Promise.race([first, failed])
    failed.catch(() => undefined)
    running.stop()
    await running.finished
    return seconds
  } finally {
    await engine.dispose()
    images.pool.dispose()
    await rm(folder, { recursive: true, force: true })
  }
}
