/** Real image files for tests, made with sharp in a temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { onTestFinished } from 'vitest'

/** An empty folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function put(folder: string, path: string, content: string | Uint8Array): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

/** A picture of one colour. */
export function plain(width: number, height: number, [r, g, b]: readonly [number, number, number]): Sharp {
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
}

/** Left half one colour, right half another: shows rotation and mirroring. */
export function halves(
  width: number,
  height: number,
  left: readonly number[],
  right: readonly number[],
): Sharp {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(x < width / 2 ? left : right, (y * width + x) * 3)
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** Repeatable noise, so that compressed files have something to be cut off. */
export function noise(width: number, height: number, seed = 1): Sharp {
  let state = seed
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** An uncompressed BMP with the given bits a pixel, rows from the bottom, as any painting program writes it. */
export function bmp(
  width: number,
  height: number,
  bits: 1 | 4 | 8 | 24 | 32,
  colour: (x: number, y: number) => readonly [number, number, number],
  palette: readonly (readonly [number, number, number])[] = [],
): Buffer {
  const stride = Math.ceil((width * bits) / 32) * 4
  const offset = 54 + palette.length * 4
  const bytes = Buffer.alloc(offset + stride * height)
  bytes.write('BM')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(offset, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(bits, 28)
  bytes.writeUInt32LE(palette.length, 46)
  palette.forEach(([r, g, b], i) => bytes.set([b, g, r, 0], 54 + i * 4))
  for (let y = 0; y < height; y++) {
    const row = offset + (height - 1 - y) * stride
    for (let x = 0; x < width; x++) {
      const wanted = colour(x, y)
      if (bits >= 24) {
        bytes.set([wanted[2], wanted[1], wanted[0]], row + (x * bits) / 8)
        continue
      }
      const index = palette.findIndex((one) => one.every((n, i) => n === wanted[i]))
      const bit = x * bits
      const at = row + (bit >> 3)
      bytes[at] = (bytes[at] ?? 0) | (index << (8 - bits - (bit & 7)))
    }
  }
  return bytes
}
