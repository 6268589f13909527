/** Everything the executor may call. */
export * from './activation'
export * from './barrier'
export * from './batchNorm'
export * from './conv'
export {
  tile1x16,
  tile2x16,
  tile3x16,
  tile4x16,
  tile5x16,
  tile6x16,
  tile1x8,
  tile2x8,
  tile3x8,
  tile4x8,
  tile5x8,
  tile6x8,
} from './convTile'
export * from './convWeightGrad'
export * from './copy'
export * from './dropout'
export * from './gather'
export * from './gatherVaried'
export {
  gradTile1x16,
  gradTile2x16,
  gradTile3x16,
  gradTile4x16,
  gradTile5x16,
  gradTile6x16,
  gradTile1x8,
  gradTile2x8,
  gradTile3x8,
  gradTile4x8,
  gradTile5x8,
  gradTile6x8,
} from './gradTile'
export * from './imageConv'
export * from './imageLayout'
export {
  imageTile1x16,
  imageTile2x16,
  imageTile3x16,
  imageTile4x16,
  imageTile5x16,
  imageTile6x16,
  imageTile1x8,
  imageTile2x8,
  imageTile3x8,
  imageTile4x8,
  imageTile5x8,
  imageTile6x8,
} from './imageTile'
export * from './optimizer'
export * from './pack'
export * from './pool'
export * from './softmax'
export * from './winograd'
export * from './winogradWeightGrad'
