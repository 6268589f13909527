/** What a person does with the mouse, for a given time, while the page notes its frames. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Between two movements, as a mouse that reports 60 times a second. */
const pause = 16

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {number} seconds @param {(moment: number) => Promise<void>} move Given 0 to 1. */
async function during(page, seconds, move) {
  const started = performance.now()
  for (let next = started; ; next += pause) {
    const moment = (performance.now() - started) / (seconds * 1000)
    if (moment >= 1) return
    await move(moment)
    await sleep(Math.max(0, next + pause - performance.now()))
  }
}

/** Notes the frames while `act` goes on. @param {Page} page @param {() => Promise<void>} act */
async function record(page, act) {
  await page.evaluate(() => globalThis.bench.start())
  await act()
  return page.evaluate(() => globalThis.bench.stop())
}

/** Nothing is done: what the machine can show at most. @param {Page} page @param {number} seconds */
export const rest = (page, seconds) => record(page, () => sleep(seconds * 1000))

/** Round and round with the button held, from `from`. @param {Page} page @param {number} seconds @param {readonly [number, number]} from */
export async function drag(page, seconds, [x, y]) {
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 8, y + 8)
  const result = await record(page, () =>
    during(page, seconds, (moment) => {
      const angle = moment * seconds * Math.PI
      return page.mouse.move(x + 120 * Math.sin(angle), y + 60 * (1 - Math.cos(angle)))
    }),
  )
  await page.mouse.up()
  return result
}

/** In and out again with the wheel. @param {Page} page @param {number} seconds @param {readonly [number, number]} at */
export async function zoom(page, seconds, [x, y]) {
  await page.mouse.move(x, y)
  return record(page, () =>
    during(page, seconds, (moment) => page.mouse.wheel(0, Math.floor(moment * 4) % 2 === 0 ? -40 : 40)),
  )
}

/** A free spot of the canvas to pan from, found from its middle outwards. @param {Page} page */
export function emptySpot(page) {
  return page.evaluate(() => {
    const { x, y, width, height } = document.querySelector('[data-testid="canvas"]').getBoundingClientRect()
    for (let ring = 0; ring < 40; ring++) {
      for (let turn = 0; turn < 16; turn++) {
        const at = [x + width / 2 + ring * 5 * Math.sin(turn), y + height / 2 + ring * 5 * Math.cos(turn)]
        if (document.elementFromPoint(...at)?.matches('.vue-flow__pane')) return at
      }
    }
    throw new Error('no free spot on the canvas')
  })
}

/** The middle of a block near the canvas's. @param {Page} page @returns {Promise<readonly [number, number]>} */
export function middleBlock(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('[data-testid="canvas"]').getBoundingClientRect()
    const aim = [canvas.x + canvas.width / 2, canvas.y + canvas.height / 2]
    const middles = [...document.querySelectorAll('.block')].map((block) => {
      const { x, y, width, height } = block.getBoundingClientRect()
      return [x + width / 2, y + height / 2]
    })
    const far = ([x, y]) => Math.hypot(x - aim[0], y - aim[1])
    return middles.sort((a, b) => far(a) - far(b))[0]
  })
}
