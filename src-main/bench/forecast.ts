/** How well the forecast of an epoch's time holds: told beforehand, then trained, for every template. */
import type { ImageSet } from '#shared/engine/tensors'
import type { Template } from '#shared/templates/template'
import { EngineClient } from '../services/engineClient'
import { median } from './statistics'

const input = [28, 28, 1] as const
const classes = 10
/** Images of an epoch that takes about so long; at least some batches. */
const epochSeconds = 3

export interface ForecastResult {
  template: string
  executor: string
  images: number
  /** Medians over the rounds; `error` is the median of forecast / measured − 1. */
  forecastSeconds: number
  measuredSeconds: number
  error: number
}

function randomImages(count: number, seed: number): ImageSet {
  const [height, width, channels] = input
  const size = height * width * channels
  const pixels = new Uint8Array(new SharedArrayBuffer(count * size))
  let state = seed
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    pixels[i] = state >>> 24
  }
  return {
    count,
    height,
    width,
    channels,
    pixels,
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
  }
}

/** Forecasts and trains one epoch of each template on what `auto` takes, on random images, `rounds` times. */
export async function benchForecast(
  templates: readonly Template[],
  rounds: number,
  say: (line: string) => void,
): Promise<ForecastResult[]> {
  const engine = new EngineClient()
  const results: ForecastResult[] = []
  try {
    for (const template of templates) {
      say(`${template.name} …`)
      const { graph, training } = template.build({ input, classes })
      const about = { graph, training: { ...training, epochs: 1 }, executor: 'auto', threads: null } as const
      const pairs: { told: number; took: number }[] = []
      let count = 0
      let name = ''
      for (let round = 0; round < rounds; round++) {
        if (count === 0) {
          const any = await engine.forecast({
            ...about,
            images: { training: 1000, validation: 0 },
            probe: true,
          })
          count = Math.max(4, Math.round(epochSeconds / any!.time!.secondsPerStep)) * training.batchSize
        }
        const images = { training: count, validation: Math.ceil(count / 4) }
        const told = (await engine.forecast({ ...about, images, probe: true }))!.time!
        name = told.executor.name
        let took = NaN
        await engine.train(
          {
            type: 'train',
            runId: `forecast-${template.name}-${round}`,
            ...about,
            trainingImages: randomImages(count, round + 1),
            validationImages: randomImages(images.validation, round + 1001),
            normalisation: { mean: [0.5], std: [0.3] },
            state: null,
            checkpointSeconds: 30,
            classWeights: null,
            interruption: null,
          },
          (event) => {
            if (event.type === 'epoch') took = event.metrics.seconds
          },
        )
        pairs.push({ told: told.secondsPerEpoch, took })
      }
      results.push({
        template: template.name,
        executor: name,
        images: count,
        forecastSeconds: median(pairs.map(({ told }) => told)),
        measuredSeconds: median(pairs.map(({ took }) => took)),
        error: median(pairs.map(({ told, took }) => told / took - 1)),
      })
    }
  } finally {
    await engine.dispose()
  }
  return results
}
