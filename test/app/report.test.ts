/** The report as people open it: from a file, in both themes, on a telephone, on paper; it asks for nothing and is accessible. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { classCurves, precisionRecallPoints, rocPoints } from '#shared/evaluation/curves'
import { reportHtml, weakestClasses } from '#shared/evaluation/report/report'
import { summarise } from '#shared/evaluation/summary'
import { noise } from '../unit/storage/testImages'
import { violations } from './axe'
import { launchBrowser, screenshot, watch } from './browser'

let browser: Browser
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-report-'))
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

/** A report on `count` classes, most of them with long names, the second without an image. */
async function written(count: number): Promise<string> {
  const classes = Array.from({ length: count }, (_, i) =>
    i % 3 === 0 ? `c${i}` : `class ${i} of industrial, commercial & public units with "halls"`,
  )
  const labels = Int32Array.from({ length: count * 6 }, (_, i) => (i % count === 1 ? 0 : i % count))
  const probabilities = new Float32Array(labels.length * count).fill(0.4 / (count - 1))
  labels.forEach((label, i) => (probabilities[i * count + ((label + (i % 7 === 0 ? 1 : 0)) % count)] = 0.6))
  const predictions = { classes, labels, probabilities }
  const summary = await summarise(predictions, {
    ...{ modelName: `Net of ${count}`, epoch: 3, part: 'test', source: `/data/${'folder/'.repeat(20)}tiles` },
    ...{ evaluatedAt: '2026-11-25T12:34:56.000Z', seconds: 1, loss: 0.5, skippedCount: 1 },
    skipped: [{ file: 'cut.png', reason: 'it is truncated' }],
  })
  const curves = new Map(
    weakestClasses(summary.perClass).map((index) => {
      const found = classCurves(predictions, index)
      return [index, { roc: rocPoints(found), precisionRecall: precisionRecallPoints(found) }]
    }),
  )
  const png = (await noise(16, 16, 1).png().toBuffer()).toString('base64')
  const mistake = { file: `${'deep/'.repeat(12)}a.png`, truth: classes[1]!, predicted: classes[2]! }
  const html = reportHtml({
    summary,
    curves,
    model: [['Optimiser', 'adam, learning rate 0.001']],
    blocks: [{ name: 'c1', type: 'conv2d', output: '28×28×6' }],
    mistakes: [
      { ...mistake, confidence: 0.99, png },
      { ...mistake, confidence: 0.98, png: null },
    ],
  })
  const file = join(folder, `report-${count}.html`)
  await writeFile(file, html)
  return pathToFileURL(file).href
}

it.each([3, 30, 100])('%i classes', async (count) => {
  const address = await written(count)
  const context = await browser.newContext()
  const page = await context.newPage()
  const problems = watch(page)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 400],
  ] as const) {
    await page.emulateMedia({ media: 'screen', colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await page.goto(address)
    expect(await overflow(), `${width} wide`).toBeLessThanOrEqual(0)
    expect(await page.evaluate(() => [...document.images].every((image) => image.naturalWidth > 0))).toBe(
      true,
    )
    // Ten thousand cells take their time to be looked at, and are like nine hundred.
    if (count < 100) expect(await violations(page), colorScheme).toEqual([])
    await screenshot(page, `report-${count}-${colorScheme}`)
  }
  // A4 less its margins, of a dark system too: paper is white, and nothing stands out over its edge.
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await page.setViewportSize({ width: 688, height: 1000 })
  expect(await overflow(), 'on paper').toBeLessThanOrEqual(0)
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
    'rgb(255, 255, 255)',
  )
  await screenshot(page, `report-${count}-print`)
  expect(asked.filter((url) => url !== address && !url.startsWith('data:image/png;base64,'))).toEqual([])
  expect(problems).toEqual([])
  await context.close()
})
