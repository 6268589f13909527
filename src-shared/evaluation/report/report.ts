/** An evaluation as one HTML file: no script, no request, pictures inside; it can be mailed, printed and kept. */
import type { CurvePoint } from '../curves'
import { heatColour } from '../heatColour'
import type { EvaluatedClass, EvaluationSummary } from '../summary'
import { calibrationChart, precisionRecallChart, rocChart } from './charts'
import { Html, markup } from './html'
import { reportStyle } from './style'

export interface ReportCurves {
  roc: readonly CurvePoint[]
  precisionRecall: readonly CurvePoint[]
}

export interface ReportMistake {
  file: string
  truth: string
  predicted: string
  confidence: number
  /** A PNG file in base 64; null where the image cannot be read any more. */
  png: string | null
}

export interface Report {
  summary: EvaluationSummary
  /** What is known of the model: pairs of a name and a value, in their order. */
  model: readonly (readonly [name: string, value: string])[]
  /** Each block with the shape it puts out. */
  blocks: readonly { name: string; type: string; output: string }[]
  /** Of the classes whose curves are shown, by index. */
  curves: ReadonlyMap<number, ReportCurves>
  mistakes: readonly ReportMistake[]
}

/** With more classes than these numbers do not fit into the cells; they are told when pointed at. */
const mostNumbered = 24
/** With more than these the cells shrink on paper. */
const mostOnPaper = 60
/** So many classes have their curves in the report, the weakest ones. */
export const mostCurves = 12
export const mostMistakes = 24

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const three = (value: number | null): string => (value === null ? '–' : value.toFixed(3))
const partNames = { validation: 'the validation part', test: 'the test part', all: 'all images' } as const

/** The classes whose curves are shown: those with the lowest average precision, in the order of the classes. */
export function weakestClasses(perClass: readonly EvaluatedClass[]): number[] {
  const known = perClass.map((_, i) => i).filter((i) => perClass[i]!.averagePrecision !== null)
  const weakest = known.sort(
    (a, b) => perClass[a]!.averagePrecision! - perClass[b]!.averagePrecision! || a - b,
  )
  return weakest.slice(0, mostCurves).sort((a, b) => a - b)
}

export function reportHtml(report: Report): string {
  const { summary } = report
  const date = summary.evaluatedAt.slice(0, 16).replace('T', ' ')
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary.modelName}: evaluation</title>
<style>${new Html(reportStyle + heatStyle())}</style>
</head>
<body>
<main>
<h1>${summary.modelName}</h1>
<p class="about">Epoch ${summary.epoch} on ${partNames[summary.part]} of <span class="path">${summary.source}</span>, ${date} UTC</p>
${headline(summary)}
${skipped(summary)}
<h2>Confusion matrix</h2>
<p class="about">A row is the true class, a column what was predicted. The colour is the share of the row: blue right, orange wrong.</p>
${matrix(summary)}
<h2>Classes</h2>
${classTable(summary)}
<h2>Curves</h2>
${curveFigures(report)}
<h2>Calibration</h2>
${calibration(summary)}
<h2>Most confident mistakes</h2>
${mistakes(report)}
<h2>Model</h2>
${model(report)}
</main>
</body>
</html>
`
  return page.text
}

function headline(summary: EvaluationSummary): Html {
  const { images, accuracy, kappa, loss, macro, calibration } = summary
  const facts: readonly (readonly [string, string, string])[] = [
    ['Accuracy', percent(accuracy), 'overall accuracy: share of the images whose class was predicted'],
    ['Kappa', three(kappa), "Cohen's kappa: 0 is chance, 1 perfect"],
    ['Macro F1', three(macro.f1), 'mean over the classes, each counting the same'],
    ['Loss', loss.toFixed(4), 'mean cross-entropy'],
    [
      'Calibration error',
      percent(calibration.expectedError),
      'expected difference of confidence and accuracy',
    ],
    ['Images', String(images), `of ${summary.classes.length} classes`],
  ]
  return markup`<dl class="headline">${facts.map(
    ([name, value, about]) =>
      markup`<div><dt>${name}</dt><dd>${value}</dd><dd class="about">${about}</dd></div>`,
  )}</dl>`
}

function skipped({ skipped, skippedCount }: EvaluationSummary): Html {
  if (skippedCount === 0) return markup``
  const rest = skippedCount - skipped.length
  return markup`<details><summary>${skippedCount === 1 ? '1 file' : `${skippedCount} files`} could not be read</summary><ul>${skipped.map(
    ({ file, reason }) => markup`<li><span class="path">${file}</span>: ${reason}</li>`,
  )}${rest > 0 ? markup`<li>and ${rest} more</li>` : markup``}</ul></details>`
}

/** Shades are steps of a twentieth, as classes of the style sheet. */
const steps = 20

function heatStyle(): string {
  const rules = (theme: 'light' | 'dark'): string =>
    (['right', 'wrong'] as const)
      .flatMap((kind) =>
        Array.from({ length: steps + 1 }, (_, step) => {
          const { background, text } = heatColour(kind, step / steps, theme)
          return `.${kind[0]}${step}{background:${background};color:${text}}`
        }),
      )
      .join('')
  return `${rules('light')}@media screen and (prefers-color-scheme:dark){${rules('dark')}}`
}

function matrix({ classes, confusion }: EvaluationSummary): Html {
  const numbered = classes.length <= mostNumbered
  const rows = confusion.map((row, i) => {
    const support = row.reduce((sum, n) => sum + n, 0)
    const cells = row.map((count, j) => {
      if (count === 0) return markup`<td></td>`
      const step = Math.max(1, Math.round((count / support) * steps))
      const shade = `${i === j ? 'r' : 'w'}${step}`
      const about = `${classes[i] ?? ''} → ${classes[j] ?? ''}: ${count} (${percent(count / support)})`
      return markup`<td class="${shade}" title="${about}">${numbered ? count : ''}</td>`
    })
    return markup`<tr><th scope="row" title="${classes[i] ?? ''}">${classes[i] ?? ''}</th>${cells}</tr>`
  })
  return markup`<div class="wide" role="region" tabindex="0" aria-label="Confusion matrix"><table class="matrix ${numbered ? 'numbered' : classes.length > mostOnPaper ? 'small many' : 'small'}"><thead><tr><td></td>${classes.map(
    (name) => markup`<th scope="col" title="${name}"><span>${name}</span></th>`,
  )}</tr></thead><tbody>${rows}</tbody></table></div>`
}

function classTable({ perClass, macro, weighted }: EvaluationSummary): Html {
  const mean = (name: string, score: typeof macro): Html =>
    markup`<tr><th scope="row">${name}</th><td></td><td>${three(score.precision)}</td><td>${three(score.recall)}</td><td>${three(score.f1)}</td><td></td><td></td></tr>`
  return markup`<div class="wide" role="region" tabindex="0" aria-label="Classes"><table class="classes"><thead><tr><th scope="col">Class</th><th scope="col">Images</th><th scope="col">Precision<small>user's accuracy</small></th><th scope="col">Recall<small>producer's accuracy</small></th><th scope="col">F1</th><th scope="col">AUC</th><th scope="col">Average precision</th></tr></thead>
<tbody>${perClass.map(
    (one) =>
      markup`<tr><th scope="row">${one.class}</th><td>${one.support}</td><td>${three(one.precision)}</td><td>${three(one.recall)}</td><td>${three(one.f1)}</td><td>${three(one.auc)}</td><td>${three(one.averagePrecision)}</td></tr>`,
  )}</tbody>
<tfoot>${mean('Mean of the classes (macro)', macro)}${mean('Mean weighted by images', weighted)}</tfoot></table></div>`
}

function curveFigures({ summary, curves }: Report): Html {
  const { perClass } = summary
  const all = perClass.filter(({ averagePrecision }) => averagePrecision !== null).length
  const about = `Each class against all others${all > curves.size ? `; the ${curves.size} of ${all} with the lowest average precision` : ''}.`
  const figures = [...curves].map(([index, { roc, precisionRecall }]) => {
    const { class: name, auc, averagePrecision } = perClass[index]!
    return markup`<figure><figcaption>${name}</figcaption><p class="about">AUC ${three(auc)}, average precision ${three(averagePrecision)}</p>${rocChart(name, roc, auc)}${precisionRecallChart(name, precisionRecall, averagePrecision)}</figure>`
  })
  return markup`<p class="about">${about}</p><div class="figures">${figures}</div>`
}

function calibration({ calibration }: EvaluationSummary): Html {
  const { expectedError, maximumError, bins } = calibration
  return markup`<p class="about">Images by how sure the model is, in ${bins.length} bins. A bar up to the dashed line: right as often as sure; below: too sure of itself; above: too modest. A dot marks the mean confidence of its bin. Expected error ${percent(expectedError)}, largest ${percent(maximumError)}.</p>${calibrationChart(calibration)}`
}

function mistakes({ mistakes, summary }: Report): Html {
  if (mistakes.length === 0) return markup`<p>Not one mistake on these images.</p>`
  const figures = mistakes.map(
    ({ file, truth, predicted, confidence, png }) =>
      markup`<figure>${
        png === null
          ? markup`<p class="gone">not readable</p>`
          : markup`<img alt="" src="data:image/png;base64,${png}">`
      }<figcaption><b>${truth}</b> taken for <b>${predicted}</b>, ${percent(confidence)}<span class="path">${file}</span></figcaption></figure>`,
  )
  return markup`<p class="about">Where a model is sure and wrong, it may be the label that is wrong. ${
    mistakes.length < summary.mistakes ? `The first ${mistakes.length} of ${summary.mistakes}` : 'All of them'
  }, surest first.</p><div class="images">${figures}</div>`
}

function model({ model, blocks }: Report): Html {
  return markup`<dl class="facts">${model.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="wide" role="region" tabindex="0" aria-label="Blocks"><table class="classes"><thead><tr><th scope="col">Block</th><th scope="col">Type</th><th scope="col">Output</th></tr></thead><tbody>${blocks.map(
    ({ name, type, output }) =>
      markup`<tr><th scope="row">${name}</th><td>${type}</td><td>${output}</td></tr>`,
  )}</tbody></table></div>`
}
