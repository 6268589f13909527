import { totalmem } from 'node:os'

/** Bytes of memory that processes here can have: the machine's, or its container's where that has been given less. */
export function machineMemory(): number {
  const constrained = process.constrainedMemory()
  // 0 where the system does not tell; without a limit it is larger than any machine.
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem()
}
