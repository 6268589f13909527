/** The report's drawings: SVG without scripts, coloured by the page's style sheet. */
import type { Calibration } from '../calibration'
import type { CurvePoint } from '../curves'
import { markup, type Html } from './html'

const plot = { left: 34, top: 8, side: 140, bottom: 30 } as const
const width = plot.left + plot.side + 8
const height = plot.top + plot.side + plot.bottom
const x = (share: number): string => (plot.left + share * plot.side).toFixed(1)
const y = (share: number): string => (plot.top + (1 - share) * plot.side).toFixed(1)

/** Axes from 0 to 1. `spoken` is what the picture says, for those who do not see it. */
function square(spoken: string, xName: string, yName: string, drawn: readonly Html[]): Html {
  const ticks = [0, 0.5, 1].map(
    (share) => markup`<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="${y(0)}" y2="${y(1)}" />
      <line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(share)}" y2="${y(share)}" />
      <text x="${x(share)}" y="${plot.top + plot.side + 13}" text-anchor="middle">${share}</text>
      <text x="${plot.left - 4}" y="${(plot.top + (1 - share) * plot.side + 4).toFixed(1)}" text-anchor="end">${share}</text>`,
  )
  const middle = plot.top + plot.side / 2
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${spoken}">
    ${ticks}${drawn}
    <text x="${x(0.5)}" y="${height - 3}" text-anchor="middle">${xName}</text>
    <text x="9" y="${middle}" text-anchor="middle" transform="rotate(-90 9 ${middle})">${yName}</text>
  </svg>`
}

const line = (points: readonly CurvePoint[], name: string): Html =>
  markup`<polyline class="${name}" points="${points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}" />`

const diagonal = markup`<line class="even" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" />`

export function rocChart(name: string, points: readonly CurvePoint[], auc: number | null): Html {
  const spoken = `ROC curve of ${name}, area ${auc === null ? 'unknown' : auc.toFixed(3)}`
  return square(spoken, 'false positive rate', 'recall', [diagonal, line(points, 'roc')])
}

export function precisionRecallChart(
  name: string,
  points: readonly CurvePoint[],
  average: number | null,
): Html {
  const spoken = `Precision-recall curve of ${name}, average precision ${average === null ? 'unknown' : average.toFixed(3)}`
  return square(spoken, 'recall', 'precision', [line(points, 'recall')])
}

/** Reliability diagram: accuracy of each bin as a bar, with a mark at its mean confidence. */
export function calibrationChart({ bins, expectedError }: Calibration): Html {
  const drawn = bins.flatMap(({ from, to, accuracy, confidence, images }) => {
    if (accuracy === null || confidence === null) return []
    const w = ((to - from) * plot.side - 1).toFixed(1)
    return [
      markup`<rect class="bar" x="${x(from)}" y="${y(accuracy)}" width="${w}" height="${(accuracy * plot.side).toFixed(1)}"
        ><title>${images} images, confidence ${confidence.toFixed(3)}, accuracy ${accuracy.toFixed(3)}</title></rect
      ><circle class="mark" cx="${x(confidence)}" cy="${y(accuracy)}" r="2.5" />`,
    ]
  })
  return square(`Calibration, expected error ${expectedError.toFixed(3)}`, 'confidence', 'accuracy', [
    ...drawn,
    diagonal,
  ])
}
