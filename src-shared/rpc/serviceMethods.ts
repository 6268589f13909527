/** The methods of each service at run time. Total: a method that is missing or misspelt here does not compile. */
import type { MainServices, WindowEvents } from './services'

export type ServiceName = keyof MainServices

type MethodTable = { readonly [S in ServiceName]: { readonly [M in keyof MainServices[S]]: true } }

export const serviceMethods: MethodTable = {
  app: { info: true, reveal: true },
  project: { open: true, save: true, saveCopy: true, recent: true, forgetRecent: true },
  recovery: { keep: true, kept: true, take: true, drop: true },
  dialog: {
    native: true,
    pickFolder: true,
    pickProjectToOpen: true,
    pickProjectToSave: true,
    pickReportToSave: true,
    pickSceneToOpen: true,
    pickListToOpen: true,
    listFolder: true,
  },
  data: {
    inspect: true,
    stopInspecting: true,
    examples: true,
    augmented: true,
    cacheSize: true,
    clearCache: true,
  },
  survey: { list: true, survey: true, stop: true, thumbnails: true },
  training: {
    start: true,
    stop: true,
    pause: true,
    resume: true,
    continueRun: true,
    runs: true,
    run: true,
    executors: true,
    forecast: true,
    searchRate: true,
    stopSearch: true,
    repeat: true,
    compareSplits: true,
    label: true,
    deleteRun: true,
  },
  export: { exportRun: true, predict: true },
  evaluation: {
    find: true,
    start: true,
    state: true,
    cancel: true,
    changed: true,
    curves: true,
    images: true,
    thumbnails: true,
    writeReport: true,
    writeTables: true,
    writeNewImages: true,
    upload: true,
    predictUpload: true,
  },
  scene: { inspect: true, start: true, state: true, cancel: true },
}

export const windowEventNames: { readonly [E in keyof WindowEvents]: true } = {
  runEvent: true,
  dataEvent: true,
  rateEvent: true,
  command: true,
}

/** Splits `service.method` when both are known, else null. Looks at own properties only, never at a prototype. */
export function findMethod(name: string): { service: ServiceName; method: string } | null {
  const [service, method, ...rest] = name.split('.')
  if (service === undefined || method === undefined || rest.length > 0) return null
  if (!Object.hasOwn(serviceMethods, service)) return null
  return Object.hasOwn(serviceMethods[service as ServiceName], method)
    ? { service: service as ServiceName, method }
    : null
}
