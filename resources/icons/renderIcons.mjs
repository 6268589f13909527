/**
 * Renders icon.svg to what the systems want: icon.png (512 px), icon.ico and icon.icns. Run it after changing the drawing:
 * `node resources/icons/renderIcons.mjs`. ICO and ICNS are containers; both may hold PNGs as they are.
 */
import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'

const folder = new URL('./', import.meta.url)
const drawing = await readFile(new URL('icon.svg', folder))

/** @param {number} size */
const png = (size) =>
  sharp(drawing, { density: (72 * size) / 64 })
    .resize(size, size)
    .png({ compressionLevel: 9, palette: true })
    .toBuffer()

/** Icon directory: 6 bytes, then 16 for each image. @param {readonly number[]} sizes */
async function ico(sizes) {
  const images = await Promise.all(sizes.map(png))
  const head = Buffer.alloc(6 + 16 * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let offset = head.length
  images.forEach((image, index) => {
    const at = 6 + 16 * index
    const size = sizes[index] ?? 0
    // 256 is written as 0.
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(image.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += image.length
  })
  return Buffer.concat([head, ...images])
}

/** Big-endian: 'icns', total length; then type, length and PNG of each. @param {readonly (readonly [string, number])[]} types */
async function icns(types) {
  const parts = await Promise.all(
    types.map(async ([type, size]) => {
      const image = await png(size)
      const head = Buffer.from(`${type}\0\0\0\0`, 'latin1')
      head.writeUInt32BE(8 + image.length, 4)
      return Buffer.concat([head, image])
    }),
  )
  const head = Buffer.from('icns\0\0\0\0', 'latin1')
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0), 4)
  return Buffer.concat([head, ...parts])
}

await writeFile(new URL('icon.png', folder), await png(512))
await writeFile(new URL('icon.ico', folder), await ico([16, 24, 32, 48, 64, 128, 256]))
await writeFile(
  new URL('icon.icns', folder),
  await icns([
    ['icp4', 16],
    ['icp5', 32],
    ['ic07', 128],
    ['ic08', 256],
    ['ic09', 512],
    ['ic10', 1024],
  ]),
)
