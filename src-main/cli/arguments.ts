import { InvalidArgumentError, Option } from 'commander'
import { resolve } from 'node:path'
import { digitsSource } from '../storage/digits'

/** Parser for a whole number in a range. */
export function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!/^[+-]?\d+$/.test(value.trim()) || number < min || number > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    }
    return number
  }
}

export function positiveNumber(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new InvalidArgumentError('Expected a number above 0.')
  }
  return number
}

export function notNegative(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError('Expected a number of at least 0.')
  }
  return number
}

/** `HxWxC`, e.g. `28x28x1`. */
export function imageSize(value: string): [number, number, number] {
  const parts = value.toLowerCase().replaceAll('×', 'x').split('x').map(Number)
  const [height, width, channels] = parts
  if (parts.length !== 3 || parts.some((n) => !Number.isInteger(n) || n < 1 || n > 16_384)) {
    throw new InvalidArgumentError('Expected HEIGHTxWIDTHxBANDS, for example 28x28x1.')
  }
  return [height ?? 0, width ?? 0, channels ?? 0]
}

/** A data source as typed belongs to the working folder, not to the project's. */
export function typedSource(source: string): string {
  return source === digitsSource || source.startsWith('sample:') ? source : resolve(source)
}

export const executorOption = () =>
  new Option('--executor <name>', 'where to compute').choices(['auto', 'webgpu', 'cpu']).default('auto')

export const threadsOption = () =>
  new Option('--threads <n>', 'CPU worker threads (default: the cores of this machine)').argParser(
    integer(1, 1024),
  )
