import { trainingSchema } from '#shared/training/settings'
import type { EvaluatedModel } from '../storage/evaluationFile'

/** What a report says of a model besides its blocks: pairs of a name and a value in words. */
export function modelFacts({ training, preprocessing }: EvaluatedModel): [name: string, value: string][] {
  const { settings, images, executor, startedAt, bestEpoch, versions } = training
  const { resize, bands } = preprocessing
  const date = startedAt.slice(0, 16).replace('T', ' ')
  const usual = trainingSchema.parse({}) as Record<string, unknown>
  return [
    ['Trained', `${date} UTC on ${executor}, Interlock ${versions.interlock}`],
    ['Images', `${images.training} to train on, ${images.validation} to validate`],
    ['Best epoch', String(bestEpoch)],
    ['Bands', bands.join(', ')],
    ['Resize', resize],
    ...Object.entries(settings).flatMap(([name, value]): [string, string][] => {
      const text = inWords(value, usual[name])
      return text === null ? [] : [[capital(spaced(name)), text]]
    }),
  ]
}

/** `labelSmoothing` → `label smoothing`. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace('optimizer', 'optimiser')
}
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Null: there is nothing to say. Groups of switches tell only what is not as usual; what has a type tells all of it. */
function inWords(value: unknown, usual: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) {
    const texts = value.map((one) => inWords(one, undefined)).filter((text) => text !== null)
    return texts.length === 0 ? null : texts.join('; ')
  }
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  const { type, ...rest } = value as Record<string, unknown>
  const usually = (usual ?? {}) as Record<string, unknown>
  const told = Object.entries(rest).flatMap(([name, one]) => {
    const text = inWords(one, usually[name])
    const isUsual = type === undefined && JSON.stringify(one) === JSON.stringify(usually[name])
    return text === null || isUsual ? [] : [`${spaced(name)} ${text}`]
  })
  return [...(typeof type === 'string' ? [type] : []), ...told].join(', ') || 'none'
}
