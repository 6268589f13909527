/** The networks of the benchmark (design: "lenet-b64", "vgg32-b32", "vgg64-b32"). */
import type { Network } from '../../src-main/engine/plan/network'
import { NetworkBuilder } from '../conformance/networkBuilder'

export interface BenchWork {
  name: string
  batchSize: number
  network: Network
}

function lenet(): Network {
  return new NetworkBuilder([28, 28, 1])
    .conv2d('c1', { filters: 6, kernelSize: 5, padding: 2 })
    .activation('s1', 'sigmoid')
    .pool('avgPool2d', 'p1', { poolSize: 2 })
    .conv2d('c2', { filters: 16, kernelSize: 5 })
    .activation('s2', 'sigmoid')
    .pool('avgPool2d', 'p2', { poolSize: 2 })
    .flatten('flat')
    .dense('d1', 120)
    .activation('s3', 'sigmoid')
    .dense('d2', 84)
    .activation('s4', 'sigmoid')
    .dense('d3', 10)
    .build()
}

function vgg(size: number): Network {
  const builder = new NetworkBuilder([size, size, 3])
  for (const [block, filters] of [[32, 32], [64, 64], [128]].entries()) {
    for (const [index, count] of filters.entries()) {
      builder.conv2d(`c${block}${index}`, { filters: count, kernelSize: 3, padding: 1 })
      builder.activation(`r${block}${index}`, 'relu')
    }
    builder.pool('maxPool2d', `p${block}`, { poolSize: 2 })
  }
  return builder.flatten('flat').dense('d1', 128).activation('r', 'relu').dense('d2', 10).build()
}

export const benchWorks: readonly BenchWork[] = [
  { name: 'lenet-b64', batchSize: 64, network: lenet() },
  { name: 'vgg32-b32', batchSize: 32, network: vgg(32) },
  { name: 'vgg64-b32', batchSize: 32, network: vgg(64) },
]
