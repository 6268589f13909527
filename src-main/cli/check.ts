import { Command } from 'commander'
import { smallestBatchSize } from '#shared/training/batchSizes'
import { inferShapes } from '#shared/graph/inferShapes'
import { offerBands } from '#shared/data/bandChoice'
import type { DataRequirements, FitReport } from '#shared/graph/fit'
import { shapeText } from '#shared/layout/shapeText'
import type { DataSummary } from '#shared/rpc/services'
import { FolderScans } from '../services/folderScans'
import { exitCodes, type ExitCode } from './exitCode'
import { dataText } from './dataText'
import { readSoundProject } from './readSoundProject'
import { summariseSource } from './summariseSource'
import { resizedReport, resizedText } from './sizesText'
import { surveyData, surveyText } from './surveyData'
import { addDataOptions, typedData, type DataOptions } from './typedData'
import { grouped, print, printJson, table } from './terminal'

export function checkCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  const command = new Command('check')
    .description('the fit report; with data also classes and bands')
    .argument('<project>', 'project file')
    .option('--data <source>', 'image folder or sample:digits')
  return addDataOptions(command)
    .option('--survey', 'look at every image of the data: duplicates, suspicious and unreadable ones')
    .option('--json', 'the report as JSON on stdout')
    .action((file: string, options: DataOptions & { survey?: true; json?: true }) => {
      run(async () => {
        const project = await readSoundProject(file)
        const asked = options.data !== undefined || options.survey === true
        const scans = new FolderScans()
        const typed = asked ? await typedData(project.data, options, scans) : project.data
        const data = options.data === undefined ? null : await summariseSource(typed, scans)
        const requirements: Partial<DataRequirements> = { batchSize: smallestBatchSize(project.training) }
        if (data !== null) {
          const { names, exact, colour } = offerBands(data, project.data)
          const { length: classes } = data.classes
          Object.assign(requirements, { classes, bands: names.length, exactBands: exact, colour })
        }
        const survey = options.survey === true ? await surveyData(typed, scans) : null
        const report = inferShapes(project.graph, requirements)
        const { resize } = project.data
        const resized = survey === null ? null : resizedReport(survey.sizes, report, resize)
        const surveyed = survey === null ? {} : { survey: { ...survey, resized } }
        if (options.json) printJson({ ...jsonReport(report, data), ...surveyed })
        else {
          const sampled =
            data === null || survey !== null ? null : resizedReport(data.sizes.found, report, resize)
          print(
            [
              textReport(report, data),
              ...(sampled === null || sampled.images === 0
                ? []
                : [
                    `Of ${grouped(sampled.of)} images whose header was read, ${resizedText(sampled.images, resize)}${
                      sampled.of < (data?.images ?? 0) ? ' (--survey counts them all)' : ''
                    }`,
                  ]),
              ...(survey === null ? [] : surveyText(survey)),
              ...(resized === null ? [] : [`  ${resizedText(resized.images, resize)}`]),
            ].join('\n'),
          )
        }
        return report.fits ? exitCodes.done : exitCodes.no
      })
    })
}

/** The shape that cli.md fixes; `data` is there only when data was given. */
function jsonReport(report: FitReport, data: DataSummary | null) {
  return {
    fits: report.fits,
    totals: report.totals,
    blocks: report.blocks.map(({ id, type, output, params, trainable, macs, receptiveField }) => ({
      id,
      type,
      output,
      params,
      trainable,
      macs,
      receptiveField,
    })),
    issues: report.issues.map(({ code, severity, blockId, message, repairs }) => ({
      code,
      severity,
      blockId,
      message,
      repairs: repairs.map(({ label, result }) => ({ label, result })),
    })),
    ...(data === null ? {} : { data }),
  }
}

function textReport(report: FitReport, data: DataSummary | null): string {
  const number = (value: number | null) => (value === null ? '?' : grouped(value))
  const rows = report.blocks.map(({ id, type, output, params, macs }) => [
    id,
    type,
    output === null ? '?' : shapeText(output),
    number(params),
    number(macs),
  ])
  const lines = [table([['block', 'type', 'output', 'parameters', 'multiply-adds'], ...rows], [3, 4]), '']
  const { params, trainable, macs } = report.totals
  lines.push(
    `${number(params)} parameters (${number(trainable)} trainable), ${number(macs)} multiply-adds an image`,
  )
  if (data !== null) {
    const classes = data.classes.map(({ name, count }) => `${name} (${count})`).join(', ')
    lines.push(
      `${data.source}: ${grouped(data.images)} images, ${shapeText(data.size)} with ${data.bands} bands`,
    )
    lines.push(`${data.classes.length} classes: ${classes}`)
    lines.push(...dataText(data))
  }
  for (const { severity, code, blockId, message, repairs } of report.issues) {
    lines.push('', `${severity} ${code}${blockId === null ? '' : ` at ${blockId}`}: ${message}`)
    for (const { label, result } of repairs) {
      lines.push(`  repair: ${label}${result === null ? '' : ` → ${shapeText(result)}`}`)
    }
  }
  const errors = report.issues.filter(({ severity }) => severity === 'error').length
  lines.push(
    '',
    report.fits ? 'Interlocks.' : `Does not fit: ${errors} ${errors === 1 ? 'problem' : 'problems'}.`,
  )
  return lines.join('\n')
}
