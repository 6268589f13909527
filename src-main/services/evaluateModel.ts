import { InterlockError } from '#shared/issues/errors'
import { argmax } from '#shared/layout/argmax'
import type { SkippedFile } from '#shared/rpc/services'
import type { ImageStore } from '../storage/gatherImages'
import type { StoredModel } from '../storage/modelFile'
import type { EngineClient } from './engineClient'
import type { ImageSource } from './imageSource'
import { loadLabelledImages } from './loadImages'
import { inferImages, modelTarget, runnable, type InferOptions } from './predictImages'

export interface ClassScore {
  class: string
  /** Of those predicted as this class, the share that is; 0 where none was. */
  precision: number
  /** Of those of this class, the share found; 0 where there are none. */
  recall: number
  /** Harmonic mean of both; 0 where both are 0. */
  f1: number
  /** Images of this class. */
  support: number
}

export interface Evaluation {
  accuracy: number
  loss: number
  classes: readonly string[]
  /** `[true class][predicted class]`, counts. */
  confusion: number[][]
  perClass: ClassScore[]
}

/** Compares a model's predictions with the labels of a source. Throws DATA_CLASSES_DIFFER, DATA_NO_IMAGES and what loading images throws. */
export async function evaluateModel(
  engine: EngineClient,
  stored: StoredModel,
  source: ImageSource,
  options: InferOptions,
  images: ImageStore,
  onSkipped: (file: SkippedFile) => void,
): Promise<Evaluation> {
  const { classes, training } = stored.model
  const target = modelTarget(stored)
  const loaded = await loadLabelledImages(source, classes, target, { images, onSkipped }, training.split)
  if (loaded.count === 0) {
    const problem = 'its test part rounds to none in every class; give a folder with more images'
    throw new InterlockError('DATA_NO_IMAGES', { use: 'evaluate', folder: source.source, problem })
  }
  const confusion = classes.map(() => classes.map(() => 0))
  let count = 0
  let losses = 0
  for await (const part of loaded.parts()) {
    const { probabilities, loss } = await inferImages(engine, runnable(stored), part, options)
    const labelled = part.labels.filter((label) => label >= 0).length
    count += labelled
    if (labelled > 0) losses += loss * labelled
    part.labels.forEach((label, i) => {
      const row = confusion[label]
      const predicted = argmax(probabilities, i * classes.length, classes.length)
      if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1
    })
  }
  const correct = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)
  const perClass = classes.map((name, i) => scoreClass(name, i, confusion))
  return { accuracy: correct / count, loss: losses / count, classes, confusion, perClass }
}

function scoreClass(name: string, i: number, confusion: readonly (readonly number[])[]): ClassScore {
  const found = confusion[i]?.[i] ?? 0
  const support = (confusion[i] ?? []).reduce((sum, n) => sum + n, 0)
  const predicted = confusion.reduce((sum, row) => sum + (row[i] ?? 0), 0)
  const precision = predicted === 0 ? 0 : found / predicted
  const recall = support === 0 ? 0 : found / support
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { class: name, precision, recall, f1, support }
}
