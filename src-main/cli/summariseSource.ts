import type { DataSummary } from '#shared/rpc/services'
import { inspectSource } from '../services/inspectSource'
import { openSource, requireTwoClasses } from '../services/imageSource'
import { createImageStore } from '../storage/imageStore'
import { typedSource } from './arguments'

/** What a typed source is. Throws DATA_* and FILE_*. */
export async function summariseSource(source: string): Promise<DataSummary> {
  const opened = await openSource(typedSource(source), process.cwd())
  requireTwoClasses(opened)
  const { pool } = createImageStore()
  try {
    return await inspectSource(opened, pool)
  } finally {
    pool.dispose()
  }
}
