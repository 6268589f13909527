import type { DataSurvey, ImageListing } from '#shared/data/survey'
import type { DataSettings } from '#shared/project/schema'
import type { FolderScans } from '../services/folderScans'
import { openSource } from '../services/imageSource'
import { ImageSurveys } from '../services/surveyService'
import { createImageStore } from '../storage/imageStore'
import { grouped } from './terminal'

/** A survey with files in place of positions, as `check --survey` prints it. */
export function surveyReport(survey: DataSurvey, { classes }: ImageListing) {
  const files = classes.flatMap(({ name, files: own }) => own.map((file) => ({ file, className: name })))
  const fileOf = (image: number) => files[image]?.file ?? ''
  const { images, reduced, sizes, bands, duplicates, suspicious, unreadable } = survey
  return {
    ...{ images, reduced, sizes, bands },
    duplicates: duplicates.map(({ images: same, kind, conflict, leak }) => ({
      kind,
      files: same.map(fileOf),
      classes: [...new Set(same.map((image) => files[image]?.className ?? ''))],
      conflict,
      leak,
    })),
    suspicious: suspicious.map(({ image, suspicion, found }) => ({ file: fileOf(image), suspicion, found })),
    unreadable: unreadable.map(({ image, reason }) => ({ file: fileOf(image), reason })),
  }
}

export type SurveyReport = ReturnType<typeof surveyReport>

/** Looks at every image; `scans` knows the folders that were walked before. Throws DATA_* and FILE_*. */
export async function surveyData(data: DataSettings, scans: FolderScans): Promise<SurveyReport> {
  const images = createImageStore()
  const open = () =>
    openSource(data.source, process.cwd(), {
      data,
      scan: (folder, scanning) => scans.scan(folder, scanning),
    })
  const { isTTY } = process.stderr
  const surveys = new ImageSurveys(images, { open }, (event) => {
    if (!isTTY || event.type !== 'surveying') return
    process.stderr.write(`\rLooking at the images: ${grouped(event.done)} of ${grouped(event.total)}`)
  })
  try {
    const listing = await surveys.list(data, null)
    const survey = await surveys.survey(listing.id, data)
    if (survey === null) throw new Error('nothing calls this survey off')
    return surveyReport(survey, listing)
  } finally {
    if (isTTY) process.stderr.write('\r\u001b[K')
    images.pool.dispose()
  }
}

const reasons: Record<SurveyReport['suspicious'][number]['suspicion'], string> = {
  constant: 'one value all over',
  flat: 'hardly any contrast',
  dark: 'almost black',
  bright: 'almost white',
  noData: 'mostly without data',
  size: 'size far from the others',
  aspect: 'proportions far from the others',
  bands: 'another number of bands',
  warning: 'read with warnings',
}

/** Lines about what was found. */
export function surveyText({ duplicates, suspicious, unreadable }: SurveyReport): string[] {
  const count = (n: number, what: string) => `${grouped(n)} ${what}`
  const warned = new Set(suspicious.flatMap(({ file, suspicion }) => (suspicion === 'warning' ? [file] : [])))
  return [
    '',
    `Survey: ${count(duplicates.length, 'groups of duplicates')}, ${count(suspicious.length, 'suspicious')}, ${count(unreadable.length, 'unreadable')}, ${count(warned.size, 'read with warnings')}`,
    ...duplicates.map(({ kind, files, conflict, leak }) => {
      const marks = [conflict ? 'in several classes' : '', leak ? 'trained on and held out' : ''].filter(
        Boolean,
      )
      const same = kind === 'exact' ? 'identical' : 'look the same'
      return `  ${[same, ...marks].join(', ')}: ${files.join('  ')}`
    }),
    ...suspicious.map(({ file, suspicion, found }) => `  ${reasons[suspicion]} (${found}): ${file}`),
    ...unreadable.map(({ file, reason }) => `  cannot be read (${reason}): ${file}`),
  ]
}
