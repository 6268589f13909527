import { describe, expect, test } from 'vitest'
import { classWeightsOf, unknownClasses } from '#shared/training/classWeights'

const classes = ['cat', 'dog', 'owl']

describe('class weights', () => {
  test('none: all count alike', () => {
    expect(classWeightsOf('none', classes, [1, 2, 3])).toBeNull()
  })

  test('balanced as scikit-learn: n / (k · n_c)', () => {
    // sklearn.utils.class_weight.compute_class_weight('balanced', …) of 6, 3 and 1 images.
    const weights = classWeightsOf('balanced', classes, [6, 3, 1])
    expect(weights).toEqual([10 / 18, 10 / 9, 10 / 3])
    // Every class then weighs as much as any other, and all images together as before.
    expect([6, 3, 1].map((count, c) => count * weights![c]!)).toEqual([10 / 3, 10 / 3, 10 / 3])
  })

  test('balanced with a class that has no training image', () => {
    expect(classWeightsOf('balanced', classes, [6, 0, 2])).toEqual([8 / 12, 1, 2])
  })

  test('by name, in the order of the classes; what is not named counts 1', () => {
    expect(classWeightsOf({ owl: 4, cat: 0.5 }, classes, [1, 1, 1])).toEqual([0.5, 1, 4])
    expect(classWeightsOf({}, ['constructor'], [1])).toEqual([1])
  })

  test('names that the data does not have are found', () => {
    expect(unknownClasses({ owl: 4, Cat: 2 }, classes)).toEqual(['Cat'])
    expect(unknownClasses('balanced', classes)).toEqual([])
  })
})
