/** New images: in which order they are looked through, and the table that is made of them. */
import { describe, expect, test } from 'vitest'
import { newImagesCsv } from '#shared/evaluation/report/csv'
import { sortNewImages, type NewImageOrder } from '../../../src-renderer/evaluation/sortNewImages'
import type { NewImage } from '../../../src-renderer/stores/newImagesStore'

let key = 0
function image(name: string, best?: string, probability = 0): NewImage {
  const top = best === undefined ? null : [{ class: best, probability }]
  return { key: key++, name, classes: [], top, by: '', problem: null, url: null }
}
const unread: NewImage = { ...image('1.png'), top: [], problem: 'it is empty' }
const images = [
  image('10.png', 'b', 0.5),
  unread,
  image('3.png'),
  image('2.png', 'a', 0.75),
  image('c.png', 'b', 0.4),
  image('d.png', 'a', 0.5),
]
const sorted = (by: NewImageOrder) => sortNewImages(images, by).map(({ name }) => name)

describe('sorting', () => {
  test('keeps all, and those without a prediction last where predictions are compared', () => {
    expect(sorted('added')).toEqual(images.map(({ name }) => name))
    expect(sorted('name')).toEqual(['1.png', '2.png', '3.png', '10.png', 'c.png', 'd.png'])
    expect(sorted('class')).toEqual(['d.png', '2.png', 'c.png', '10.png', '1.png', '3.png'])
    // Equals stay as they were added.
    expect(sorted('unsure')).toEqual(['c.png', '10.png', 'd.png', '2.png', '1.png', '3.png'])
  })

  test('leaves what it was given as it is', () => {
    const before = [...images]
    for (const by of ['name', 'class', 'unsure'] as const) sortNewImages(images, by)
    expect(images).toEqual(before)
  })
})

describe('the table', () => {
  const rows = [
    {
      file: '=1+1.png',
      model: 'Net, best',
      classes: ['a', '-b'],
      top: [
        { class: '-b', probability: Math.fround(0.9) },
        { class: 'a', probability: Math.fround(0.1) },
      ],
      problem: null,
    },
    { file: 'tab\there.png', model: 'Net, best', classes: [], top: [], problem: 'not a PNG, JPEG' },
    {
      file: 'x.png',
      model: 'Other',
      classes: ['c', 'a'],
      top: [
        { class: 'c', probability: 0.75 },
        { class: 'a', probability: 0.25 },
      ],
      problem: null,
    },
  ]

  test('has a column for each class in the models’ order, and no formulas', () => {
    expect(newImagesCsv(rows).split('\r\n')).toEqual([
      'file,predicted class,confidence,model,problem,p a,p -b,p c',
      `'=1+1.png,'-b,0.9,"Net, best",,0.1,0.9,`,
      'tab\there.png,,,"Net, best","not a PNG, JPEG",,,',
      'x.png,c,0.75,Other,,0.25,,0.75',
      '',
    ])
  })

  test('for the clipboard has tabulators between its cells only', () => {
    const lines = newImagesCsv(rows, '\t').trimEnd().split('\r\n')
    expect(lines[2]).toBe('"tab\there.png"\t\t\t"Net, best"\t"not a PNG, JPEG"\t\t\t')
    for (const line of lines) expect(line.replace(/"[^"]*"/g, '').split('\t')).toHaveLength(8)
  })
})
