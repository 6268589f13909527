/** What the window may ask about maps of large scenes: a part of `services.ts`. */
import type { DisplaySettings } from '../data/displayBands'
import type { InterlockErrorData } from '../issues/errors'

export interface SceneFacts {
  file: string
  height: number
  width: number
  bands: number
  /** Names the file gives its bands, or null. */
  names: readonly string[] | null
  /** `EPSG:32632`, or null where the file names no coordinate system by its code. */
  system: string | null
  /** Side of a window and of a cell that a map would have, in the scene's pixels. */
  patch: number
  stride: number
  /** Where the map would be written. */
  out: string
}

export interface MapRequest {
  /** Whose best epoch classifies. */
  runId: string
  scene: string
  out: string
  /** In the scene's pixels. */
  patch: number
  stride: number
  /** A file that is there may be written over. */
  replace: boolean
  /** Names of the bands that the picture shows, where the scene has them (`data/displayBands.ts`). */
  display: DisplaySettings['display']
}

export interface MappedScene {
  out: string
  height: number
  width: number
  patch: number
  stride: number
  /** Colours `[red, green, blue]`, pixels of the scene, and hectares where its coordinates are metres. */
  classes: readonly {
    name: string
    colour: readonly [number, number, number]
    pixels: number
    hectares: number | null
  }[]
  unclassified: number
  /** Mean of the largest probabilities; NaN where nothing was classified. */
  confidence: number
  /** PNG pictures of one size: the scene, and the colours of the classes (transparent where there is none). */
  picture: Uint8Array
  overlay: Uint8Array
}

export type MapState =
  | { kind: 'mapping'; done: number; total: number }
  | { kind: 'ready'; map: MappedScene }
  | { kind: 'failed'; error: InterlockErrorData }
  /** Cancelled, or never asked for. */
  | { kind: 'none' }

export interface SceneService {
  /** Reads the header. Throws RUN_NOT_FOUND, RUN_WITHOUT_MODEL, FILE_NOT_FOUND, SCENE_UNREADABLE, SCENE_UNSUITABLE. */
  inspect(scene: string, runId: string): Promise<SceneFacts>
  /** Begins a map and answers its id; one at a time, a new one cancels the last. Throws FILE_EXISTS, RUN_NOT_FOUND, RUN_WITHOUT_MODEL. */
  start(request: MapRequest): Promise<string>
  state(id: string): Promise<MapState>
  cancel(id: string): Promise<void>
}
