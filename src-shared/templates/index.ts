/** The list of built-in templates. */
import { InterlockError } from '../issues/errors'
import { allConvolutional } from './allConvolutional'
import { inceptionLike } from './inceptionLike'
import { lectureLego } from './lectureLego'
import { lenet } from './lenet'
import { mlp } from './mlp'
import { resnetSmall } from './resnetSmall'
import type { Template } from './template'
import { vggSmall } from './vggSmall'

export const templates: readonly Template[] = [
  lenet,
  lectureLego,
  vggSmall,
  resnetSmall,
  inceptionLike,
  allConvolutional,
  mlp,
]

/** Throws TEMPLATE_UNKNOWN, naming those there are. */
export function templateByName(name: string): Template {
  const template = templates.find((candidate) => candidate.name === name)
  if (template !== undefined) return template
  const names = templates.map((candidate) => candidate.name).join(', ')
  throw new InterlockError('TEMPLATE_UNKNOWN', { template: name, templates: names })
}
