import { Command } from 'commander'
import { Presets, SingleBar } from 'cli-progress'
import { resolve } from 'node:path'
import type { ExecutorChoice } from '#shared/engine/executor'
import { onInterrupt } from '../onInterrupt'
import { EngineClient } from '../services/engineClient'
import { mapScene, requireMapFolder, writeSceneMap, type SceneMap } from '../services/mapScene'
import { readModelFile } from '../storage/modelFile'
import { openScene, type Scene } from '../storage/scene/openScene'
import { executorOption, integer, threadsOption } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { grouped, percent, print, printJson, say, table } from './terminal'

interface MapCommandOptions {
  out: string
  patch?: number
  stride?: number
  executor: ExecutorChoice
  threads?: number
  json?: true
}

export function mapCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('map')
    .description('classes over a large GeoTIFF scene, as a GeoTIFF of its size and place')
    .argument('<model>', 'model.json, or the folder it lies in')
    .argument('<scene>', 'GeoTIFF with the bands that the model was trained on')
    .requiredOption('--out <file>', 'the map to write, .tif')
    .option(
      '--patch <n>',
      "side of a window in the scene's pixels (default: the network's input)",
      integer(1, 16_384),
    )
    .option('--stride <n>', 'a class for every so many pixels (default: half a window)', integer(1, 16_384))
    .addOption(executorOption())
    .addOption(threadsOption())
    .option('--json', 'the result as JSON on stdout')
    .action((model: string, scene: string, options: MapCommandOptions) =>
      run(() => map(model, scene, options)),
    )
}

async function map(model: string, sceneFile: string, options: MapCommandOptions): Promise<ExitCode> {
  const stored = await readModelFile(model)
  const file = resolve(options.out)
  await requireMapFolder(file)
  const scene = await openScene(resolve(sceneFile))
  const engine = new EngineClient()
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: '{bar} {value}/{total} windows',
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  )
  const abort = new AbortController()
  const letGo = onInterrupt(() => abort.abort())
  try {
    const { executor, threads, patch, stride, json } = options
    bar.start(0, 0)
    const result = await mapScene(engine, stored, scene, {
      ...{ executor, threads: threads ?? null, patch: patch ?? null, stride: stride ?? null },
      signal: abort.signal,
      onProgress(done, total) {
        bar.setTotal(total)
        bar.update(done)
      },
    })
    await writeSceneMap(file, result, scene, abort.signal)
    bar.stop()
    if (scene.facts.geo === null) say('The scene has no coordinates, so the map has none either.')
    if (json === true) printJson(summary(file, result))
    else print(text(file, result, scene))
    return exitCodes.done
  } catch (thrown) {
    if (!abort.signal.aborted) throw thrown
    bar.stop()
    say('Called off. Nothing was written.')
    return exitCodes.no
  } finally {
    letGo()
    bar.stop()
    await engine.dispose()
    await scene.close()
  }
}

function summary(file: string, { grid, classes, pixels, unclassified, confidence }: SceneMap) {
  const { width, height, patch, stride } = grid
  const shares = classes.map((name, i) => ({ class: name, pixels: pixels[i] ?? 0 }))
  return { file, width, height, patch, stride, classes: shares, unclassified, confidence }
}

function text(
  file: string,
  { grid, classes, pixels, unclassified, confidence }: SceneMap,
  { pixelArea }: Scene,
): string {
  const all = grid.width * grid.height
  const named = [
    ...classes.map((name, i) => [name, pixels[i] ?? 0] as const),
    ['no data', unclassified] as const,
  ]
  const rows = named.map(([name, count]) => [
    name,
    grouped(count),
    percent(count / all),
    ...(pixelArea === null ? [] : [grouped(Math.round((count * pixelArea) / 1e4))]),
  ])
  const head = ['class', 'pixels', 'share', ...(pixelArea === null ? [] : ['hectares'])]
  return [
    table([head, ...rows], [1, 2, 3]),
    '',
    `Windows of ${grid.patch}×${grid.patch} pixels, a class for every ${grid.stride}; mean probability of the classes ${percent(confidence)}`,
    `Wrote ${file}`,
  ].join('\n')
}
