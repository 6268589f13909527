import { unequalSizes, type SizeCount } from '#shared/data/imageSizes'
import type { FitReport } from '#shared/graph/fit'
import type { DataSettings } from '#shared/project/schema'
import { grouped } from './terminal'

const ways: Record<DataSettings['resize'], string> = {
  stretch: 'stretched to it',
  crop: 'scaled to it and cropped',
  pad: 'scaled to it and padded',
}

/** `37 images have another size than the network's input and are stretched to it` */
export function resizedText(images: number, resize: DataSettings['resize']): string {
  const [have, are] = images === 1 ? ['image has', 'is'] : ['images have', 'are']
  return `${grouped(images)} ${have} another size than the network's input and ${are} ${ways[resize]}`
}

/** What a network's input asks of the sizes of images; null without an input. */
export function resizedReport(sizes: readonly SizeCount[], fit: FitReport, resize: DataSettings['resize']) {
  const [height, width] = fit.blocks.find(({ type }) => type === 'input')?.output ?? []
  if (height === undefined || width === undefined) return null
  const images = sizes.reduce((sum, { count }) => sum + count, 0)
  return { images: unequalSizes(sizes, { height, width }), of: images, input: [height, width], resize }
}
