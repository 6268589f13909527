/** Memory and time of a training, told by the real engine thread. Times are looked at for being there, never for being short. */
import { afterAll, describe, expect, test } from 'vitest'
import { EngineClient } from '../../../src-main/services/engineClient'
import { smallProject } from './smallProjects'

const engine = new EngineClient()
afterAll(() => engine.dispose())

const { graph, training } = smallProject(null, 3)
const about = {
  graph,
  training,
  executor: 'cpu',
  threads: 1,
  images: { training: 800, validation: 200 },
} as const

describe('a forecast', () => {
  test('tells the memory of the plan without running anything', async () => {
    const told = await engine.forecast({ ...about, probe: false })
    expect(told?.time).toBeNull()
    // Weights, gradients and two moments of Adam: 8·8·16 + 16 + 16·3 + 3 floats each, and the activations of 16 images.
    expect(told!.bytes).toBeGreaterThan(4 * 4 * 1091)
    const larger = await engine.forecast({
      ...about,
      training: { ...training, batchSize: 256 },
      probe: false,
    })
    expect(larger!.bytes).toBeGreaterThan(told!.bytes)
    const few = { training: 5, validation: 2 }
    const capped = await engine.forecast({ ...about, training: { ...training, batchSize: 256 }, images: few, probe: false }) // prettier-ignore
    expect(capped!.bytes).toBeLessThan(larger!.bytes)
  })

  test('measures steps on the executor that was asked for, and grows with the images', async () => {
    const told = await engine.forecast({ ...about, probe: true })
    expect(told!.time!.executor).toMatchObject({ kind: 'cpu', threads: 1 })
    const { secondsPerStep, secondsPerEpoch } = told!.time!
    expect(secondsPerStep).toBeGreaterThan(0)
    // 100 steps of 8 images, and then the validation.
    expect(secondsPerEpoch).toBeGreaterThan(100 * secondsPerStep)
  })

  test('is called off by a newer one', async () => {
    const [older, newer] = await Promise.all([
      engine.forecast({ ...about, probe: true }),
      engine.forecast({ ...about, probe: true }),
    ])
    expect(older).toBeNull()
    expect(newer?.time?.secondsPerEpoch).toBeGreaterThan(0)
  })

  test('a network that does not fit is refused by name', async () => {
    const broken = { ...graph, connections: graph.connections.slice(1) }
    await expect(engine.forecast({ ...about, graph: broken, probe: true })).rejects.toMatchObject({
      code: 'PROJECT_DOES_NOT_FIT',
    })
  })
})
