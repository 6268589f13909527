/**
 * The shape of birpc's messages, checked before birpc sees them: it trusts what arrives, and the other side may be anything.
 * A request is `{ t: 'q', m: name, a: arguments, i?: id }`, an answer `{ t: 's', i: id, r?: result, e?: error }`.
 */
import { toInterlockError, type InterlockErrorData } from '../issues/errors'
import type { RpcFailure } from './services'

const maxArguments = 8
const maxIdLength = 64

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxIdLength
}

export function isRequest(message: unknown): message is { t: 'q'; m: string; a: unknown[]; i?: string } {
  return (
    isRecord(message) &&
    message['t'] === 'q' &&
    typeof message['m'] === 'string' &&
    message['o'] === undefined &&
    Array.isArray(message['a']) &&
    message['a'].length <= maxArguments &&
    (message['i'] === undefined || isId(message['i']))
  )
}

export function isAnswer(message: unknown): message is { t: 's'; i: string; r?: unknown; e?: unknown } {
  return isRecord(message) && message['t'] === 's' && isId(message['i'])
}

/** What is sent instead of an Error, which would arrive as its message only, or as `{}`. */
export function toFailure(thrown: unknown): RpcFailure {
  return { interlockError: toInterlockError(thrown).toData() }
}

export function isFailure(value: unknown): value is RpcFailure {
  if (!isRecord(value)) return false
  const data = value['interlockError']
  return (
    isRecord(data) &&
    typeof (data as Partial<InterlockErrorData>).code === 'string' &&
    isRecord(data['details'])
  )
}
