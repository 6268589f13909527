/**
 * How the window feels, measured: screen.mjs PROGRAM PROJECTS, where PROJECTS is a JSON file with a `big` project (500 blocks) and a
 * `small` one that trains on the digits. Says what it does on stderr, and one JSON object on stdout: raw values, in milliseconds.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { drag, emptySpot, middleBlock, rest, zoom } from './gestures.mjs'
import { launchBrowser, openWindow, startServer } from './window.mjs'

const [program = '', projectsFile = '', secondsText = '3'] = process.argv.slice(2)
const seconds = Number(secondsText)
const { big, small } = JSON.parse(await readFile(projectsFile, 'utf8'))
const say = (line) => process.stderr.write(`${line}\n`)

/** Opening the window with all its blocks, each time with nothing in the browser's caches. */
async function opening(browser, address) {
  const times = []
  for (let i = 0; i < 3; i++) {
    const { page, close } = await openWindow(browser, address, big)
    times.push(
      await page.evaluate(() => ({
        firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        blocksShown: globalThis.bench.shownAt,
      })),
    )
    await close()
  }
  return {
    firstPaint: times.map(({ firstPaint }) => firstPaint),
    blocksShown: times.map(({ blocksShown }) => blocksShown),
  }
}

/** One setting of a block changed, again and again: the fit report alone, and until the frame that shows it is done. */
function edits(page) {
  return page.evaluate(async () => {
    const projects = globalThis.bench.stores('project')
    const fit = globalThis.bench.stores('fit')
    const block = projects.graph.blocks.find(({ type }) => type === 'conv2d').id
    const found = { fit: [], editToFrame: [] }
    const nextFrameDone = () =>
      new Promise((resolve) =>
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = resolve
          port2.postMessage(null)
        }),
      )
    for (let i = 0; i < 20; i++) {
      const started = performance.now()
      projects.setParams(block, 'bench', { dilation: 1 + (i % 2) })
      const edited = performance.now()
      if (fit.report.blocks.length === 0) throw new Error('no fit report')
      found.fit.push(performance.now() - edited)
      await nextFrameDone()
      found.editToFrame.push(performance.now() - started)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return found
  })
}

async function manyBlocks(browser, address) {
  const { page, close } = await openWindow(browser, address, big)
  const still = () => sleep(1000)
  await still()
  const result = { rest: await rest(page, seconds) }
  say('500 blocks, all in view …')
  const whole = { pan: await drag(page, seconds, await emptySpot(page)) }
  whole.drag = await drag(page, seconds, await middleBlock(page))
  await still()
  whole.zoom = await zoom(page, seconds, await middleBlock(page))
  say('500 blocks, some in view …')
  await page.keyboard.press('Alt+0')
  for (let i = 0; i < 12; i++) await page.keyboard.press('Alt+=')
  await still()
  const close_ = { pan: await drag(page, seconds, await emptySpot(page)) }
  close_.drag = await drag(page, seconds, await middleBlock(page))
  await still()
  close_.zoom = await zoom(page, seconds, await middleBlock(page))
  say('500 blocks, edits …')
  const edited = await edits(page)
  await close()
  return { ...result, whole, close: close_, ...edited }
}

/** Curves that grow from `from` steps, ten messages a second of `perMessage` steps, through the window's own reducer. */
async function curves(browser, address, from, perMessage) {
  const { page, close } = await openWindow(browser, address, small)
  await page.getByTestId('dock-tab-training').click()
  const grow = async () => {
    await page.evaluate(
      async ({ from: start, perMessage: count, seconds: length, project }) => {
        const training = globalThis.bench.stores('training')
        const runId = 'bench'
        const tell = (event) => training.onEvent({ runId, ...event })
        let step = 0
        const progress = (more) => {
          const at = (i) => step + i
          const steps = Uint32Array.from({ length: more }, (_, i) => at(i) + 1)
          const losses = Float32Array.from({ length: more }, (_, i) => 2 / (1 + at(i) / 5e3) + Math.random())
          const accuracies = Float32Array.from({ length: more }, () => Math.random())
          step += more
          const curve = { steps, losses, accuracies }
          tell({ type: 'progress', epoch: 1, done: 1, total: 2, imagesPerSecond: 1, curve })
        }
        if (!training.runs.some((run) => run.runId === runId)) {
          tell({ type: 'created', project, startedAt: new Date().toISOString() })
          const executor = { kind: 'cpu', name: 'bench', threads: 1, software: false, reason: '' }
          const images = { training: 8000, validation: 2000 }
          tell({ type: 'started', executor, bytes: 0, from: { epoch: 0, step: 0 }, classes: ['0'], images })
          training.shownRunId = runId
          progress(start)
        }
        await new Promise((resolve) => setTimeout(resolve, 500))
        globalThis.bench.start()
        const messages = []
        for (const end = performance.now() + length * 1000; performance.now() < end;) {
          const started = performance.now()
          progress(count)
          await Promise.resolve()
          messages.push(performance.now() - started)
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
      },
      { from, perMessage, seconds, project: small },
    )
    return page.evaluate(() => globalThis.bench.stop())
  }
  const result = await grow()
  await close()
  return result
}

/** The small project trains on all cores while the canvas is panned: what is left for the window. */
async function training(browser, address) {
  const { page, close } = await openWindow(browser, address, small)
  await page.getByTestId('dock-tab-training').click()
  await page.getByTestId('train-button').click()
  const chart = page.getByTestId('chart-loss')
  const steps = async () => Number(await chart.getAttribute('data-points'))
  await chart.waitFor()
  while ((await steps()) < 100) await sleep(100)
  await page.evaluate(() => {
    const chart = document.querySelector('[data-testid="chart-loss"]')
    globalThis.bench.messages = 0
    new MutationObserver((changes) => (globalThis.bench.messages += changes.length)).observe(chart, {
      attributeFilter: ['data-points'],
    })
  })
  const [before, started] = [await steps(), performance.now()]
  const watching = await rest(page, seconds)
  const panning = await drag(page, seconds, await emptySpot(page))
  const elapsed = (performance.now() - started) / 1000
  const messages = await page.evaluate(() => globalThis.bench.messages)
  const result = {
    watching,
    panning,
    stepsPerSecond: ((await steps()) - before) / elapsed,
    drawingsPerSecond: messages / elapsed,
  }
  await page.getByTestId('stop-button').click()
  await page.waitForFunction(
    () => document.querySelector('[data-testid="run-progress"]').dataset.phase === 'stopped',
  )
  await close()
  return result
}

const browser = await launchBrowser()
try {
  const server = await startServer(program)
  try {
    const { address } = server
    say('Opening the window with 500 blocks …')
    const result = { browser: browser.version(), opening: await opening(browser, address) }
    result.blocks = await manyBlocks(browser, address)
    say('Curves of 100,000 points …')
    result.curves = await curves(browser, address, 100_000, 1000)
    say('Training at full speed …')
    result.training = await training(browser, address)
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } finally {
    await server.stop()
  }
} finally {
  await browser.close()
}
