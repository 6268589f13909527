/** The window's own speed, measured in a real Chromium by test/bench/screen, which only the repository has. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { repositoryFile } from './repositoryFile'
import { bigProject, bigProjectBlocks, smallProject } from './screenProjects'
import { median, quantile } from './statistics'

/** Milliseconds from frame to frame, and how long movements waited for their handlers. */
interface Recording {
  frames: number[]
  delays: number[]
}

type Gesture = 'pan' | 'drag' | 'zoom'

/** What test/bench/screen/screen.mjs prints: raw values, in milliseconds. */
interface Raw {
  browser: string
  opening: { firstPaint: number[]; blocksShown: number[] }
  blocks: {
    rest: Recording
    whole: Record<Gesture, Recording>
    close: Record<Gesture, Recording>
    fit: number[]
    editToFrame: number[]
  }
  curves: Recording
  training: { watching: Recording; panning: Recording; stepsPerSecond: number; drawingsPerSecond: number }
}

export interface Times {
  median: number
  p95: number
  worst: number
}

export interface FrameTimes extends Times {
  work: string
  /** Frames that were shown. */
  frames: number
  /** From a movement of the mouse to its handler; null where none was made. */
  inputDelay: Times | null
}

function timesOf(values: readonly number[]): Times {
  return { median: median(values), p95: quantile(values, 0.95), worst: Math.max(...values) }
}

function frameTimes(work: string, { frames, delays }: Recording): FrameTimes {
  const inputDelay = delays.length > 0 ? timesOf(delays) : null
  return { work, frames: frames.length, ...timesOf(frames), inputDelay }
}

export interface ScreenReport {
  browser: string
  blocks: number
  /** From the address to the first paint, and to the first frame with blocks; medians. */
  firstPaintSeconds: number
  blocksShownSeconds: number
  /** Milliseconds to work the fit out anew after one edit, and from the edit to the frame that shows it. */
  fit: Times
  editToFrame: Times
  /** Milliseconds from frame to frame. */
  frames: FrameTimes[]
  training: { stepsPerSecond: number; drawingsPerSecond: number }
}

function summarise({ browser, opening, blocks, curves, training }: Raw): ScreenReport {
  const { watching, panning, ...rates } = training
  const gestures = (['whole', 'close'] as const).flatMap((view) =>
    (['pan', 'zoom', 'drag'] as const).map((gesture) =>
      frameTimes(
        `${gesture}, ${view === 'whole' ? 'all' : 'some'} of 500 blocks in view`,
        blocks[view][gesture],
      ),
    ),
  )
  return {
    browser,
    blocks: bigProjectBlocks,
    firstPaintSeconds: median(opening.firstPaint) / 1000,
    blocksShownSeconds: median(opening.blocksShown) / 1000,
    fit: timesOf(blocks.fit),
    editToFrame: timesOf(blocks.editToFrame),
    frames: [
      frameTimes('nothing, 500 blocks', blocks.rest),
      ...gestures,
      frameTimes('curves of 100,000 points grow', curves),
      frameTimes('LeNet trains', watching),
      frameTimes('pan while LeNet trains', panning),
    ],
    training: rates,
  }
}

/** Rejects with what is missing where it cannot be measured here. */
export async function measureScreen(seconds: number, say: (line: string) => void): Promise<ScreenReport> {
  const script = repositoryFile('screen', 'screen.mjs')
  if (script === null) throw new Error('it comes with the source code only')
  const folder = await mkdtemp(join(tmpdir(), 'interlock-bench-'))
  try {
    const projects = join(folder, 'projects.json')
    await writeFile(projects, JSON.stringify({ big: bigProject(), small: smallProject() }))
    const child = spawn(process.execPath, [script, process.argv[1]!, projects, String(seconds)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let complaint = ''
    createInterface({ input: child.stderr }).on('line', (line) => {
      complaint = line.trim() === '' ? complaint : line
      say(line)
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (code !== 0) throw new Error(complaint)
    return summarise(JSON.parse(output) as Raw)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
