import { execFile } from 'node:child_process'

function imports(python: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(python, ['-c', 'import torch'], { timeout: 60_000 }, (error) => resolve(error === null))
  })
}

/** A Python that has torch: `python3` as found on PATH, the system's own, or what Windows calls it. */
export async function findPython(): Promise<string | null> {
  for (const python of ['python3', '/usr/bin/python3', 'python']) if (await imports(python)) return python
  return null
}
