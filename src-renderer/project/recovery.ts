/** Unsaved changes whose windows are gone, as the main side knows them. */
import { shallowRef } from 'vue'
import type { KeptProject } from '#shared/rpc/services'
import { services } from '../rpc'

export const recoverable = shallowRef<readonly KeptProject[]>([])

export async function refreshRecoverable(): Promise<void> {
  try {
    recoverable.value = await services().recovery.kept()
  } catch (thrown) {
    console.warn(thrown)
  }
}
