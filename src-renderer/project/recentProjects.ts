/** The projects used last, as the main side knows them. */
import { shallowRef } from 'vue'
import type { RecentProject } from '#shared/rpc/services'
import { services } from '../rpc'

export const recentProjects = shallowRef<readonly RecentProject[]>([])

/** Keeps what was known while there is no connection: the list is a convenience. */
export async function refreshRecent(): Promise<void> {
  try {
    recentProjects.value = await services().project.recent()
  } catch (thrown) {
    console.warn(thrown)
  }
}

export async function forgetRecent(file: string): Promise<void> {
  await services().project.forgetRecent(file)
  await refreshRecent()
}
