/** The list of built-in templates. */
import { InterlockError } from '../issues/errors'
import { lenet } from './lenet'
import type { Template } from './template'

export const templates: readonly Template[] = [lenet]

/** Throws TEMPLATE_UNKNOWN, naming those there are. */
export function templateByName(name: string): Template {
  const template = templates.find((candidate) => candidate.name === name)
  if (template !== undefined) return template
  const names = templates.map((candidate) => candidate.name).join(', ')
  throw new InterlockError('TEMPLATE_UNKNOWN', { template: name, templates: names })
}
