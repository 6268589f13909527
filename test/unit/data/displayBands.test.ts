import { describe, expect, test } from 'vitest'
import { chosenBands, displayBands, infraredBands, usualBands, usualDisplay } from '#shared/data/displayBands'
import { eurosatOrder } from '#shared/data/sentinel2'
import { dataSchema } from '#shared/project/schema'

const names = (found: readonly string[], settings: Partial<typeof usualDisplay> = {}) =>
  displayBands(found, { ...usualDisplay, ...settings }).wanted.map(({ name }) => name)

describe('as usual', () => {
  test.each([
    ['Sentinel-2', eurosatOrder, ['B04', 'B03', 'B02']],
    ['without noughts', ['B1', 'B2', 'B3', 'B4'], ['B4', 'B3', 'B2']],
    ['colours in another order', ['nir', 'Blue', 'Green', 'Red'], ['Red', 'Green', 'Blue']],
    ['unnamed', ['band1', 'band2', 'band3', 'band4'], ['band1', 'band2', 'band3']],
    ['two', ['VV', 'VH'], ['VV']],
    ['one', ['grey'], ['grey']],
  ])('%s', (_, found, wanted) => {
    expect(usualBands(found)).toEqual(wanted)
    expect(names(found)).toEqual(wanted)
  })

  test('infrared as red where the bands are known', () => {
    expect(infraredBands(eurosatOrder)).toEqual(['B08', 'B04', 'B03'])
    expect(infraredBands(['band1', 'band2', 'band3'])).toBeNull()
  })
})

describe('chosen', () => {
  const indices = [{ name: 'NDVI', formula: '(B08 - B04) / (B08 + B04)' }]

  test('stored and computed bands, under the names that the project gives', () => {
    expect(names(eurosatOrder, { display: ['B08', 'B04', 'B04'] })).toEqual(['B08', 'B04', 'B04'])
    const ndvi = displayBands(eurosatOrder, { ...usualDisplay, indices, display: ['NDVI'] })
    expect(ndvi.wanted).toEqual(indices)
    const own = { bandNames: ['near', 'far'], display: ['far'] }
    expect(displayBands(['band1', 'band2'], { ...usualDisplay, ...own }).stored).toEqual(['near', 'far'])
  })

  test('images that lack one of them are shown as usual', () => {
    expect(chosenBands(['band1', 'band2'], { ...usualDisplay, indices, display: ['NDVI'] })).toBeNull()
    expect(names(['band1', 'band2'], { display: ['B08'] })).toEqual(['band1'])
    expect(names(['red', 'green', 'blue'], { bandNames: ['a', 'b'], display: ['b'] })).toEqual([
      ...['red', 'green', 'blue'],
    ])
  })

  test('are one or three', () => {
    for (const display of [null, ['a'], ['a', 'b', 'a']])
      expect(dataSchema.safeParse({ display }).success).toBe(true)
    for (const display of [[], ['a', 'b'], ['a', 'b', 'c', 'd'], ['']])
      expect(dataSchema.safeParse({ display }).success).toBe(false)
  })
})
