/** How many images have which size. */
export interface SizeCount {
  width: number
  height: number
  count: number
}

/** The most frequent first. */
export function countSizes(images: readonly { width: number; height: number }[]): SizeCount[] {
  const sizes = new Map<string, SizeCount>()
  for (const { width, height } of images) {
    const size = sizes.get(`${width}×${height}`) ?? { width, height, count: 0 }
    size.count++
    sizes.set(`${width}×${height}`, size)
  }
  return [...sizes.values()].sort((a, b) => b.count - a.count)
}

/** How many images have another size than this one. */
export function unequalSizes(
  sizes: readonly SizeCount[],
  { width, height }: Omit<SizeCount, 'count'>,
): number {
  return sizes.reduce(
    (sum, size) => sum + (size.width === width && size.height === height ? 0 : size.count),
    0,
  )
}
