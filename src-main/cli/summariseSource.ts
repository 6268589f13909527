import type { DataSettings } from '#shared/project/schema'
import type { DataSummary } from '#shared/rpc/services'
import type { FolderScans } from '../services/folderScans'
import { openSource, requireTwoClasses } from '../services/imageSource'
import { summariseData } from '../services/summariseData'
import { createImageStore } from '../storage/imageStore'

/** What the images of `data` are; `scans` knows the folders that were walked for it. Throws DATA_*, FILE_*. */
export async function summariseSource(data: DataSettings, scans: FolderScans): Promise<DataSummary> {
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
