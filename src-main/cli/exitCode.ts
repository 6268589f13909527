import type { ErrorCode } from '#shared/issues/errors'

/** How a command ended (cli.md): done; the answer is "no"; bad input or usage; a defect or a failure of the machine. */
export const exitCodes = { done: 0, no: 1, badInput: 2, internal: 3 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const special: Partial<Record<ErrorCode, ExitCode>> = {
  PROJECT_DOES_NOT_FIT: exitCodes.no,
  CLASS_COUNT_MISMATCH: exitCodes.no,
  INTERNAL: exitCodes.internal,
  ENGINE_STOPPED: exitCodes.internal,
  DEVICE_LOST: exitCodes.internal,
}

/** Everything else that goes wrong is something a person can mend in what was given. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return special[code] ?? exitCodes.badInput
}
