/** How a peer talks with src-main/bench/contestant.ts: one JSON object a line. */
import { createInterface } from 'node:readline'

const idle = process.memoryUsage.rss()

/**
 * Says what this is, then for every number on stdin does as much and says how long it took. `run` resolves when the results are there.
 * @param {string} name
 * @param {(count: number) => Promise<void>} run
 */
export async function speak(name, run) {
  console.log(JSON.stringify({ ready: true, name }))
  for await (const line of createInterface({ input: process.stdin })) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    await run(Number(line))
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    // maxRSS is in kilobytes.
    const memory = process.resourceUsage().maxRSS * 1024 - idle
    console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, memory }))
  }
  process.exit(0)
}
