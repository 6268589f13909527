/** The others in the benchmark: scripts in test/bench/peers, which only the repository has. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { findPython } from './findPython'
import { repositoryFile } from './repositoryFile'

export interface Peer {
  name: string
  /** Ours that it is compared with. */
  against: 'cpu' | 'webgpu'
  /** Thread counts that can be asked of it; who has one thread only is compared with all of ours. */
  threads: readonly number[]
  /** Works whose training it can do in reasonable time. */
  works: readonly string[]
  file: string
  args(work: string, threads: number): string[]
}

const all = ['lenet-b64', 'vgg32-b32', 'vgg64-b32']

/** Installs the packages of those written in JavaScript, saying so on stderr where it has to. */
function installPackages(script: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('error', () => resolve(false))
    child.on('close', (code) => resolve(code === 0))
  })
}

export interface FoundPeers {
  /** Those that train. */
  peers: Peer[]
  /** Who answers one image at a time beside ours. */
  predictor: Pick<Peer, 'name' | 'file' | 'args'> | null
  /** Of the others, why not. */
  missing: string[]
}

/** Those that may run here; the packages of those in JavaScript are installed first where they are not there yet. */
export async function findPeers(): Promise<FoundPeers> {
  const install = repositoryFile('peers', 'install.mjs')
  if (install === null) {
    return { peers: [], predictor: null, missing: ['The peers come with the source code only.'] }
  }
  const folder = dirname(install)
  const found: FoundPeers = { peers: [], predictor: null, missing: [] }
  const python = await findPython()
  if (python === null) found.missing.push('pytorch: no python3 with torch was found.')
  else {
    const args = (work: string, threads: number) => [`${folder}/pytorch.py`, work, String(threads)]
    found.peers.push({ name: 'pytorch', against: 'cpu', threads: [1, 2], works: all, file: python, args })
  }
  if (!(await installPackages(install))) {
    found.missing.push('tfjs-cpu, tfjs-webgpu, jax-js, onnxruntime: their packages could not be installed.')
    return found
  }
  const script = (
    name: string,
    works: readonly string[],
    against: Peer['against'],
    args: Peer['args'],
  ): Peer => ({
    ...{ name, against, works, args, threads: [1], file: process.execPath },
  })
  const lenet = ['lenet-b64']
  const vggToo = ['lenet-b64', 'vgg32-b32']
  const tfjs = (backend: string) => (work: string) => [`${folder}/tfjs.mjs`, work, backend]
  found.peers.push(
    script('tfjs-cpu', lenet, 'cpu', tfjs('cpu')),
    script('tfjs-webgpu', vggToo, 'webgpu', tfjs('webgpu')),
    script('jax-js', vggToo, 'cpu', (work) => [`${folder}/jax.mjs`, work]),
  )
  const args = (work: string, threads: number) => [`${folder}/onnxruntime.mjs`, work, String(threads)]
  found.predictor = { name: 'onnxruntime', file: process.execPath, args }
  return found
}
