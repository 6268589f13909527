import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { neededBands } from '#shared/data/bandChoice'
import { displayBands, type DisplaySettings } from '#shared/data/displayBands'
import { bandNames } from '#shared/data/imageFacts'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { classColours } from '#shared/layout/classColours'
import type { MappedScene, MapRequest, MapState, SceneFacts, SceneService } from '#shared/rpc/sceneService'
import { composite } from '../storage/bandPicture'
import { combineBands } from '../storage/combineBands'
import { noClass } from '../storage/scene/classTiff'
import { openScene, type Scene } from '../storage/scene/openScene'
import type { StoredModel } from '../storage/modelFile'
import type { EngineClient } from './engineClient'
import { mapScene, requireMapFolder, windowSides, writeSceneMap, type SceneMap } from './mapScene'
import { modelDisplay, modelTarget } from './predictImages'
import type { RunModels } from './runModels'
import { encodePng } from './thumbnails'

/** Longer side of the pictures, in pixels. */
const pictureSide = 1024

interface Task {
  id: string
  state: MapState
  abort: AbortController
}

/** Maps of scenes, one at a time. */
export class SceneMaps implements SceneService {
  private task: Task | null = null

  constructor(
    private readonly engine: EngineClient,
    private readonly models: RunModels,
  ) {}

  async inspect(file: string, runId: string): Promise<SceneFacts> {
    const stored = await this.models.read(runId)
    const scene = await openScene(file)
    try {
      const target = modelTarget(stored)
      scene.readerFor(target)
      const { height, width, facts } = scene
      const { bands, names, geo } = facts
      const epsg = geo?.epsg ?? null
      const system = epsg === null ? null : `EPSG:${epsg}`
      const out = `${file.replace(/\.[^./\\]*$/, '')}-classes.tif`
      return { file, height, width, bands, names, system, ...windowSides(target, null, null), out }
    } finally {
      await scene.close()
    }
  }

  async start(request: MapRequest): Promise<string> {
    const stored = await this.models.read(request.runId)
    if (!request.replace && (await isThere(request.out)))
      throw new InterlockError('FILE_EXISTS', { file: request.out })
    await requireMapFolder(request.out)
    this.task?.abort.abort(new Error('cancelled'))
    const task: Task = {
      id: randomUUID(),
      state: { kind: 'mapping', done: 0, total: 0 },
      abort: new AbortController(),
    }
    this.task = task
    this.map(stored, request, task).then(
      (map) => (task.state = { kind: 'ready', map }),
      (thrown: unknown) => {
        const cancelled = task.abort.signal.aborted
        task.state = cancelled
          ? { kind: 'none' }
          : { kind: 'failed', error: toInterlockError(thrown).toData() }
      },
    )
    return task.id
  }

  state(id: string): Promise<MapState> {
    return Promise.resolve(this.task?.id === id ? this.task.state : { kind: 'none' })
  }

  cancel(id: string): Promise<void> {
    if (this.task?.id === id) this.task.abort.abort(new Error('cancelled'))
    return Promise.resolve()
  }

  dispose(): void {
    this.task?.abort.abort(new Error('closing'))
  }

  private async map(stored: StoredModel, request: MapRequest, task: Task): Promise<MappedScene> {
    const { patch, stride, out } = request
    const scene = await openScene(request.scene)
    try {
      const map = await mapScene(this.engine, stored, scene, {
        ...{ executor: 'auto', threads: null, patch, stride },
        signal: task.abort.signal,
        onProgress: (done, total) => (task.state = { kind: 'mapping', done, total }),
      })
      task.abort.signal.throwIfAborted()
      await writeSceneMap(out, map, scene, task.abort.signal)
      return await describe(map, scene, out, modelDisplay(stored, request.display))
    } finally {
      await scene.close()
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

async function describe(
  map: SceneMap,
  scene: Scene,
  out: string,
  display: DisplaySettings,
): Promise<MappedScene> {
  const { grid, classes, pixels, unclassified, confidence } = map
  const { height, width, patch, stride } = grid
  const colours = classColours(classes.length)
  const hectares = (count: number) => (scene.pixelArea === null ? null : (count * scene.pixelArea) / 1e4)
  return {
    ...{ out, height, width, patch, stride, unclassified, confidence },
    classes: classes.map((name, i) => {
      const count = pixels[i] ?? 0
      return { name, colour: colours[i]!, pixels: count, hectares: hectares(count) }
    }),
    ...(await pictures(map, scene, display)),
  }
}

async function pictures(
  { cells, grid }: SceneMap,
  scene: Scene,
  display: DisplaySettings,
): Promise<{ picture: Uint8Array; overlay: Uint8Array }> {
  const { bands, names } = scene.facts
  const choice = displayBands(names ?? bandNames(bands), display)
  const needed = neededBands(choice)
  const { height, width, values } = await scene.overview(needed, pictureSide)
  const channels = choice.wanted.length === 3 ? 3 : 1
  const picture = composite(combineBands(values, needed, choice), channels)
  const overlay = new Uint8Array(height * width * 4)
  const colours = classColours(noClass)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * grid.height) / height / grid.stride) * grid.across
    for (let x = 0; x < width; x++) {
      const value = cells[row + Math.floor(((x + 0.5) * grid.width) / width / grid.stride)]!
      if (value !== noClass) overlay.set([...colours[value]!, 255], (y * width + x) * 4)
    }
  }
  return {
    picture: await encodePng(picture, width, height, channels),
    overlay: await encodePng(overlay, width, height, 4),
  }
}
