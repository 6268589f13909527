import { expect, test } from 'vitest'
import { trainingSchema } from '#shared/training/settings'
import { modelFacts } from '../../../src-main/services/modelFacts'
import type { EvaluatedModel } from '../../../src-main/storage/evaluationFile'

const facts = (settings: object) =>
  Object.fromEntries(
    modelFacts({
      training: {
        settings: trainingSchema.parse(settings),
        images: { training: 80, validation: 20 },
        executor: 'CPU',
        startedAt: '2026-11-25T12:34:56.000Z',
        bestEpoch: 4,
        versions: { interlock: '1.2.3' },
      },
      preprocessing: { resize: 'stretch', bands: ['B4', 'B8'] },
    } as unknown as EvaluatedModel),
  )

test('settings of a model are told in words, groups of switches only where they are not as usual', () => {
  const usual = facts({})
  expect(usual).toMatchObject({
    Trained: '2026-11-25 12:34 UTC on CPU, Interlock 1.2.3',
    Bands: 'B4, B8',
    Augmentation: 'none',
    'Label smoothing': '0',
  })
  expect(usual['Optimiser']).toMatch(/^adam, learning rate 0\.\d+, beta1 0\.9/)
  expect(usual['Batch sizes']).toBeUndefined()
  const chosen = facts({
    augmentation: { flipHorizontal: true, noise: 0.1 },
    batchSizes: [{ fromEpoch: 5, batchSize: 64 }],
  })
  expect(chosen['Batch sizes']).toBe('from epoch 5, batch size 64')
  expect(chosen['Augmentation']).toBe('flip horizontal yes, noise 0.1')
  expect(Object.values({ ...usual, ...chosen }).join()).not.toMatch(/[{}[\]]/)
})
