/** Builds small networks by hand for tests of plans and executors, without going through blocks. */
import type { WeightSpec } from '#shared/blocks/defineBlock'
import type { ActivationKind, OpAttrs, OpName, Padding4, Pair, Shape } from '#shared/ops'
import { shapeSize } from '#shared/layout/shapeText'
import type { Network, NetworkNode, NetworkWeight } from '../../src-main/engine/plan/network'

export interface ConvSettings {
  filters: number
  kernelSize: Pair | number
  strides?: Pair | number
  padding?: Padding4 | number
  dilation?: Pair | number
  groups?: number
  useBias?: boolean
  trainable?: boolean
}

export interface PoolSettings {
  poolSize: Pair | number
  strides?: Pair | number
  padding?: Padding4 | number
}

const pair = (value: Pair | number): Pair => (typeof value === 'number' ? [value, value] : value)
const four = (value: Padding4 | number): Padding4 =>
  typeof value === 'number' ? [value, value, value, value] : value

/** The size rule of blocks.md, for both directions. */
function slide(input: Shape, size: Pair, strides: Pair, padding: Padding4, dilation: Pair): Pair {
  const one = (n: number, before: number, after: number, axis: 0 | 1): number =>
    Math.floor((n + before + after - (dilation[axis] * (size[axis] - 1) + 1)) / strides[axis]) + 1
  return [one(input[0]!, padding[0], padding[1], 0), one(input[1]!, padding[2], padding[3], 1)]
}

export class NetworkBuilder {
  private readonly nodes: NetworkNode[] = []
  private readonly shapes = new Map<string, Shape>()
  /** The value that the next operation takes where it names none. */
  private last = 'in'

  constructor(private readonly input: Shape) {
    this.shapes.set('in', input)
  }

  conv2d(name: string, settings: ConvSettings, from = this.last): this {
    const input = this.shape(from)
    const attrs: OpAttrs['conv2d'] = {
      kernelSize: pair(settings.kernelSize),
      strides: pair(settings.strides ?? 1),
      padding: four(settings.padding ?? 0),
      dilation: pair(settings.dilation ?? 1),
      groups: settings.groups ?? 1,
      filters: settings.filters,
      useBias: settings.useBias ?? true,
    }
    const size = slide(input, attrs.kernelSize, attrs.strides, attrs.padding, attrs.dilation)
    const kernel = [...attrs.kernelSize, input[2]! / attrs.groups, attrs.filters]
    return this.push(
      'conv2d',
      name,
      attrs,
      [from],
      [...size, attrs.filters],
      {
        kernel,
        ...(attrs.useBias ? { bias: [attrs.filters] } : {}),
      },
      settings.trainable,
    )
  }

  dense(name: string, units: number, useBias = true, from = this.last, trainable = true): this {
    const weights = { kernel: [this.shape(from)[0]!, units], ...(useBias ? { bias: [units] } : {}) }
    return this.push('dense', name, { units, useBias }, [from], [units], weights, trainable)
  }

  pool(op: 'maxPool2d' | 'avgPool2d', name: string, settings: PoolSettings, from = this.last): this {
    const attrs = {
      poolSize: pair(settings.poolSize),
      strides: pair(settings.strides ?? settings.poolSize),
      padding: four(settings.padding ?? 0),
    }
    const input = this.shape(from)
    const size = slide(input, attrs.poolSize, attrs.strides, attrs.padding, [1, 1])
    return this.push(op, name, attrs, [from], [...size, input[2]!])
  }

  globalAvgPool2d(name: string, from = this.last): this {
    return this.push('globalAvgPool2d', name, {}, [from], [this.shape(from)[2]!])
  }

  zeroPad2d(name: string, padding: Padding4, from = this.last): this {
    const [h, w, c] = this.shape(from) as [number, number, number]
    return this.push(
      'zeroPad2d',
      name,
      { padding },
      [from],
      [h + padding[0] + padding[1], w + padding[2] + padding[3], c],
    )
  }

  crop2d(name: string, padding: Padding4, from = this.last): this {
    const [h, w, c] = this.shape(from) as [number, number, number]
    const output = [h - padding[0] - padding[1], w - padding[2] - padding[3], c]
    return this.push('crop2d', name, { padding }, [from], output)
  }

  activation(name: string, kind: ActivationKind, alpha = 0, from = this.last): this {
    return this.push('activation', name, { kind, alpha }, [from], this.shape(from))
  }

  softmax(name: string, from = this.last): this {
    return this.push('softmax', name, {}, [from], this.shape(from))
  }

  batchNorm(name: string, attrs: Partial<OpAttrs['batchNorm']> = {}, from = this.last): this {
    const channels = [this.shape(from).at(-1)!]
    const full = { momentum: 0.9, epsilon: 0.001, frozen: false, ...attrs }
    return this.push(
      'batchNorm',
      name,
      full,
      [from],
      this.shape(from),
      { gamma: channels, beta: channels, movingMean: channels, movingVariance: channels },
      !full.frozen,
    )
  }

  dropout(name: string, rate: number, from = this.last): this {
    return this.push('dropout', name, { rate }, [from], this.shape(from))
  }

  flatten(name: string, from = this.last): this {
    return this.push('flatten', name, {}, [from], [shapeSize(this.shape(from))])
  }

  add(name: string, from: readonly string[]): this {
    return this.push('add', name, {}, from, this.shape(from[0]!))
  }

  concat(name: string, from: readonly string[]): this {
    const shapes = from.map((source) => this.shape(source))
    const joined = shapes.reduce((sum, shape) => sum + shape.at(-1)!, 0)
    return this.push('concat', name, {}, from, [...shapes[0]!.slice(0, -1), joined])
  }

  shape(name: string): Shape {
    const shape = this.shapes.get(name)
    if (!shape) throw new Error(`no value ${name}`)
    return shape
  }

  /** Flattens a map and ends in a dense layer of so many classes. */
  head(classes: number): Network {
    if (this.shape(this.last).length > 1) this.flatten('flat')
    return this.dense('head', classes).build()
  }

  build(): Network {
    return {
      input: { name: 'in', shape: this.input },
      nodes: this.nodes,
      logits: this.last,
      outputBlockId: 'out',
    }
  }

  private push<K extends OpName>(
    op: K,
    name: string,
    attrs: OpAttrs[K],
    from: readonly string[],
    output: Shape,
    weights: Record<string, readonly number[]> = {},
    trainable = true,
  ): this {
    const named: NetworkWeight[] = Object.entries(weights).map(([weight, shape]) => {
      const spec: WeightSpec = {
        name: weight,
        shape,
        trainable: trainable && !weight.startsWith('moving'),
        initialiser: 'zeros',
      }
      return { name: `${name}/${weight}`, spec }
    })
    const node = { op, attrs, name, blockId: name, from, weights: named, output } as unknown as NetworkNode
    this.nodes.push(node)
    this.shapes.set(name, output)
    this.last = name
    return this
  }
}
