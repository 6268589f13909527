import { newProject } from '#shared/project/newProject'
import type { DataSettings } from '#shared/project/schema'
import type { DataSummary } from '#shared/rpc/services'
import { FolderScans } from '../services/folderScans'
import { openSource, requireTwoClasses } from '../services/imageSource'
import { summariseData } from '../services/summariseData'
import { createImageStore } from '../storage/imageStore'
import { typedData, type DataOptions } from './typedData'

/** What a typed source is, with the settings of a project (default: a new one). Throws DATA_*, FILE_*. */
export async function summariseSource(
  source: string,
  options: Omit<DataOptions, 'data'> = {},
  settings: DataSettings = newProject().data,
): Promise<DataSummary> {
  const scans = new FolderScans()
  const data = await typedData(settings, { ...options, data: source }, scans)
  const { pool } = createImageStore()
  try {
    const opened = await openSource(data.source, process.cwd(), {
      data,
      scan: (folder, scanning) => scans.scan(folder, scanning),
    })
    requireTwoClasses(opened)
    return await summariseData(opened, scans.of(opened.source), data, pool)
  } finally {
    pool.dispose()
  }
}
