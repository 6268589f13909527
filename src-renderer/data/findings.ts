/** What a survey found, as rows of a list: images beside each other, what is to be said of them, and which of them to leave out. */
import { fewImages, unbalancedFrom, type DataSurvey } from '#shared/data/survey'
import { t } from '../i18n'
import type { ListedImage } from '../stores/surveyStore'

export interface Finding {
  images: readonly number[]
  title: string
  detail: string
  tags: readonly { text: string; severity: 'error' | 'warning' }[]
  /** Leaving these out mends it. */
  spare: readonly number[]
  /** Label of the button that does. */
  mend: string
}

/** Label conflicts first, then what is trained on and held out, then the rest. */
export function duplicateFindings(
  survey: DataSurvey,
  images: readonly ListedImage[],
  isExcluded: (image: number) => boolean,
): Finding[] {
  const weight = ({ conflict, leak }: DataSurvey['duplicates'][number]) => (conflict ? 2 : 0) + (leak ? 1 : 0)
  return [...survey.duplicates]
    .sort((a, b) => weight(b) - weight(a))
    .map(({ images: same, kind, conflict, leak }) => {
      const classes = [...new Set(same.map((image) => images[image]?.className ?? ''))]
      const left = same.filter((image) => !isExcluded(image))
      return {
        images: same,
        title: t(`survey.duplicate.${kind}`, { count: same.length }),
        detail: classes.join(', '),
        tags: [
          ...(conflict
            ? [{ text: t('survey.conflict', { count: classes.length }), severity: 'error' as const }]
            : []),
          ...(leak ? [{ text: t('survey.leak'), severity: 'warning' as const }] : []),
        ],
        // Which label is right nobody knows here: of a conflict all go, of copies the first stays.
        spare: conflict ? left : left.slice(1),
        mend: t(conflict ? 'survey.leaveAllOut' : 'survey.leaveCopiesOut', {
          count: conflict ? left.length : Math.max(1, left.length - 1),
        }),
      }
    })
}

export function suspiciousFindings(survey: DataSurvey, isExcluded: (image: number) => boolean): Finding[] {
  return survey.suspicious.map(({ image, suspicion, found }) => ({
    images: [image],
    title: t(`survey.suspicion.${suspicion}`),
    detail: found,
    tags: [],
    spare: isExcluded(image) ? [] : [image],
    mend: t('images.leaveOut'),
  }))
}

export function unreadableFindings(survey: DataSurvey): Finding[] {
  return survey.unreadable.map(({ image, reason }) => ({
    images: [image],
    title: t('survey.cannotRead'),
    detail: reason,
    tags: [],
    spare: [],
    mend: '',
  }))
}

export interface Balance {
  largest: { name: string; count: number }
  smallest: { name: string; count: number }
  /** Largest to smallest. */
  ratio: number
  unbalanced: boolean
  /** Classes with few images. */
  few: readonly { name: string; count: number }[]
}

/** How many images the classes have to learn from; null without classes. */
export function balanceOf(classes: readonly { name: string; count: number }[]): Balance | null {
  const sorted = [...classes].sort((a, b) => b.count - a.count)
  const [largest] = sorted
  const smallest = sorted.at(-1)
  if (!largest || !smallest) return null
  const ratio = largest.count / Math.max(1, smallest.count)
  const few = sorted.filter(({ count }) => count < fewImages)
  return { largest, smallest, ratio, unbalanced: ratio >= unbalancedFrom, few }
}
