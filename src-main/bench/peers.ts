/** The others in the benchmark: scripts in test/bench/peers, which only the repository has. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPython } from './findPython'

export interface Peer {
  name: string
  threads: readonly number[]
  /** Works that it can do in reasonable time. */
  works: readonly string[]
  file: string
  args(work: string, threads: number): string[]
}

const all = ['lenet-b64', 'vgg32-b32', 'vgg64-b32']

/** test/bench/peers above the built program, or null in an installed one. */
function peersFolder(): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const peers = join(folder, 'test', 'bench', 'peers')
    if (existsSync(peers)) return peers
    if (folder === dirname(folder)) return null
  }
}

/** Those that may run here; `missing` says of the others why not. */
export async function findPeers(): Promise<{ peers: Peer[]; missing: string[] }> {
  const folder = peersFolder()
  if (folder === null) return { peers: [], missing: ['The peers come with the source code only.'] }
  const peers: Peer[] = []
  const missing: string[] = []
  const python = await findPython()
  if (python === null) missing.push('pytorch: no python3 with torch was found.')
  else {
    const script = join(folder, 'pytorch.py')
    const args = (work: string, threads: number) => [script, work, String(threads)]
    peers.push({ name: 'pytorch', threads: [1, 2], works: all, file: python, args })
  }
  return { peers, missing }
}
