import { optimizerSchema, type OptimizerSettings } from '../training/settings'

export function adam(learningRate: number): OptimizerSettings {
  return optimizerSchema.parse({ type: 'adam', learningRate })
}
