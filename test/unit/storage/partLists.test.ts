import { describe, expect, test } from 'vitest'
import { listLines, matchLists } from '../../../src-main/storage/partLists'

const files = [
  'cat/a_1.png',
  'cat/a_2.png',
  'cat/img.v1.jpg',
  'dog/b 1.jpg',
  'dog/ü_2.tif',
  'dog/7.png',
  'cat/7.png',
]
const match = (lists: { training?: string; validation?: string; test?: string }) =>
  matchLists(files, {
    training: lists.training === undefined ? null : listLines(lists.training),
    validation: lists.validation === undefined ? null : listLines(lists.validation),
    test: lists.test === undefined ? null : listLines(lists.test),
  })

describe('matchLists', () => {
  test('names with and without folder and ending, comments, columns, quotes, line ends of all systems', () => {
    const { meant, unknown } = match({
      training: '\ufeff# made by hand\r\ncat/a_1.tif\r\n\r\nimg.v1,cat,3\n"b 1.png";dog',
      validation: './x/y/a_2 1\rC:\\data\\dog\\ü_2.jp2',
    })
    expect(meant).toEqual(['training', 'validation', 'training', 'training', 'validation', null, null])
    expect(unknown).toEqual([])
  })

  test('a name of two images is settled by its folder, or passed over and told', () => {
    const { meant, ambiguous } = match({ test: 'dog/7\n7.png' })
    expect([meant[5], meant[6]]).toEqual(['test', 'training'])
    expect(ambiguous).toEqual(['7.png'])
  })

  test('a name in another class is not taken for the image of the same name', () => {
    const { meant, unknown } = match({ training: 'a_1', test: 'dog/a_1.png\nnobody.png' })
    expect(unknown).toEqual(['dog/a_1.png', 'nobody.png'])
    expect(meant[0]).toBe('training')
  })

  test('what is in two lists is held out; what is in none is left out, or trained on without a list for that', () => {
    const two = match({ training: 'a_1\na_2', validation: 'a_1', test: 'a_2\na_1' })
    expect(two.meant.slice(0, 2)).toEqual(['test', 'test'])
    expect(two.repeated).toEqual(['a_1', 'a_1', 'a_2'])
    expect(two.meant.slice(2)).toEqual([null, null, null, null, null])
    expect(match({ test: 'a_1' }).meant.filter((part) => part === 'training')).toHaveLength(6)
  })

  test('of the same picture in two formats the named one', () => {
    const both = ['a/x.png', 'a/x.jpg']
    const of = (line: string) => matchLists(both, { training: [line], validation: null, test: null })
    expect(of('x.jpg').meant).toEqual([null, 'training'])
    expect(of('x').ambiguous).toEqual(['x'])
  })
})
