import type { ScanOptions } from '../storage/folderTree'
import { grouped, say } from './terminal'

/** A scan shorter than this says nothing, in milliseconds; without a terminal, this is also the pause between two lines. */
const quietFor = { terminal: 300, lines: 5000 }

/** Tells on stderr how far a scan is: in place on a terminal, else now and then a line. */
export function scanProgress(folder: string): ScanOptions & { end(): void } {
  const { isTTY } = process.stderr
  let told = Date.now()
  let shown = false
  return {
    onScanned(files) {
      const now = Date.now()
      if (now - told < (isTTY ? quietFor.terminal : quietFor.lines)) return
      const text = `Looking through ${folder}: ${grouped(files)} files`
      if (isTTY) process.stderr.write(`\r${text}`)
      else {
        told = now
        say(text)
      }
      shown = true
    },
    end() {
      if (shown && isTTY) process.stderr.write('\r\u001b[K')
    },
  }
}
