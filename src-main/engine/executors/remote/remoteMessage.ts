/** What a remote executor is asked and answers; requests are numbered, and so are the executors of one line. */
import type { ExecutorInfo, StepRequest, StepResult } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import type { ExecutorReport } from '#shared/engine/protocol'
import type { ImageSet, NamedTensor, Normalisation } from '#shared/engine/tensors'
import type { InterlockErrorData } from '#shared/issues/errors'

/** Argument and result of every call; null where there is none. */
export interface RemoteCalls {
  probe: { argument: null; result: ExecutorReport }
  open: { argument: null; result: { executor: number; info: ExecutorInfo } }
  prepare: { argument: Plan; result: null }
  loadImages: { argument: { set: string; images: ImageSet }; result: null }
  setNormalisation: { argument: Normalisation; result: null }
  write: { argument: readonly NamedTensor[]; result: null }
  read: { argument: readonly string[]; result: NamedTensor[] }
  run: { argument: StepRequest; result: StepResult }
  dispose: { argument: null; result: null }
}

export type RemoteMethod = keyof RemoteCalls
export type Argument<M extends RemoteMethod> = RemoteCalls[M]['argument']
export type Result<M extends RemoteMethod> = RemoteCalls[M]['result']

export interface RemoteRequest<M extends RemoteMethod = RemoteMethod> {
  type: 'request'
  id: number
  /** Which executor; 0 for `probe` and `open`. */
  executor: number
  method: M
  argument: Argument<M>
}

export type RemoteResponse =
  { type: 'result'; id: number; value: unknown } | { type: 'error'; id: number; error: InterlockErrorData }
