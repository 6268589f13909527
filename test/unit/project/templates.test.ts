import { describe, expect, test } from 'vitest'
import { inferShapes } from '#shared/graph/inferShapes'
import { InterlockError } from '#shared/issues/errors'
import { parseProject } from '#shared/project/parseProject'
import { serialiseProject } from '#shared/project/serialiseProject'
import { templateByName, templates } from '#shared/templates/index'

const sizes = [
  [32, 32, 3],
  [28, 28, 1],
  [64, 64, 3],
  [400, 400, 3],
  [17, 23, 5],
  [128, 128, 13],
  [96, 96, 4],
  [224, 160, 3],
  [8, 8, 1],
  [33, 12, 2],
  [1024, 1024, 3],
] as const

describe.each(templates.map((template) => [template.name, template] as const))(
  'template %s',
  (_, template) => {
    test.each(sizes)('%i×%i×%i fits without any issue, for 2, 7 and 100 classes', (height, width, bands) => {
      for (const classes of [2, 7, 100]) {
        const project = template.build({ input: [height, width, bands], classes })
        const report = inferShapes(project.graph, { classes, bands, colour: bands === 3, batchSize: 16 })
        expect(report.issues.map(({ code, blockId, message }) => `${code} ${blockId}: ${message}`)).toEqual(
          [],
        )
        expect(report.fits).toBe(true)
        expect(report.blocks.find(({ type }) => type === 'output')?.output).toEqual([classes])
        expect(report.totals.params).toBeGreaterThan(0)
        expect(report.totals.params).toBeLessThan(2_500_000)
        expect(report.order).toHaveLength(project.graph.blocks.length)
      }
    })

    test('lays blocks out apart from each other and in a title with two lines', () => {
      const { graph } = template.build({ input: [64, 64, 3], classes: 10 })
      const places = graph.blocks.map(({ position }) => String(position))
      expect(new Set(places).size).toBe(graph.blocks.length)
      expect(template.description.split('\n')).toHaveLength(2)
    })

    test('survives being written and read', () => {
      const project = template.build({ input: [64, 64, 3], classes: 10 })
      const { project: read, problems } = parseProject(serialiseProject(project), 'template.json')
      expect(problems).toEqual([])
      expect(serialiseProject(read)).toBe(serialiseProject(project))
      expect(inferShapes(read.graph).totals).toEqual(inferShapes(project.graph).totals)
    })
  },
)

test('LeNet on digits has 61,706 parameters and 416,520 multiply-adds', () => {
  const project = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
  expect(inferShapes(project.graph).totals).toEqual({ params: 61_706, trainable: 61_706, macs: 416_520 })
  expect(project.data.source).toBe('sample:digits')
  expect(project.training).toMatchObject({
    epochs: 10,
    batchSize: 32,
    optimizer: { type: 'adam', learningRate: 0.005 },
  })
})

test('the lecture’s lego goes 3×3 with 5 and 10 filters down to 2×2×40 and 1,000 filters', () => {
  const { graph } = templateByName('lecture-lego').build({ input: [32, 32, 3], classes: 10 })
  const outputs = inferShapes(graph).blocks.map(({ output }) => output?.join('×'))
  expect(outputs).toEqual([
    '32×32×3', '30×30×5', '28×28×10', '14×14×10', '12×12×20', '6×6×20', '4×4×40', '2×2×40', '1×1×1000', '1000', '100', '10', '10',
  ]) // prettier-ignore
})

test('an unknown template is named with those there are', () => {
  expect(() => templateByName('alexnet')).toThrow(InterlockError)
  expect(() => templateByName('alexnet')).toThrow(/no template alexnet\. Templates: lenet, /)
})
