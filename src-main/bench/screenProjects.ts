/** What the screen's benchmark shows: a network of 500 blocks, and one to train meanwhile. */
import { newProject } from '#shared/project/newProject'
import type { ProjectFile } from '#shared/project/schema'
import { GraphBuilder } from '#shared/templates/graphBuilder'
import { templateByName } from '#shared/templates/index'

export const bigProjectBlocks = 500

/** Residual units one after another, six blocks each, four to a row; a few blocks at either end. It fits. */
export function bigProject(): ProjectFile {
  const build = new GraphBuilder([64, 64, 3])
  const conv = (from?: string) => build.add('conv2d', { filters: 16, kernelSize: 3, padding: 'same' }, from)
  let shortcut = conv()
  for (let unit = 0; unit < 82; unit++) {
    if (unit % 4 === 0) build.newRow()
    conv(shortcut)
    build.add('batchNorm')
    build.add('activation', { kind: 'relu' })
    conv()
    build.add('batchNorm')
    shortcut = build.add('add', {}, [build.last, shortcut])
  }
  build.newRow()
  build.add('globalAvgPool2d')
  build.add('dense', { units: 64, activation: 'relu' })
  build.add('dropout')
  build.add('dense', { units: 32, activation: 'relu' })
  build.add('dense', { units: 10 })
  build.add('output')
  return newProject({ name: '500 blocks', graph: build.graph() })
}

/** LeNet on the digits, for longer than anyone measures. */
export function smallProject(): ProjectFile {
  const project = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
  return {
    ...project,
    data: { ...project.data, source: 'sample:digits' },
    training: { ...project.training, epochs: 1000 },
  }
}
