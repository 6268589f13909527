/** Who may import whom, over the real import graph. */
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImports, root, type Import } from './importGraph'

const imports = readImports()
const show = (found: readonly Import[]) => found.map(({ from, specifier }) => `${from} → ${specifier}`)

/** Files below a folder. */
const under = (path: string | null, ...folders: string[]) =>
  folders.some((folder) => path?.startsWith(`${folder}/`) ?? false)

function packageOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

it('finds imports of every kind (so that an empty list below means something)', () => {
  expect(imports.length).toBeGreaterThan(300)
  expect(imports.some(({ typeOnly }) => typeOnly)).toBe(true)
  expect(imports.some(({ dynamic }) => dynamic)).toBe(true)
  expect(imports.some(({ from, file }) => from.endsWith('.vue') && file?.startsWith('src-shared/'))).toBe(
    true,
  )
})

describe('layers', () => {
  it('src-shared imports nothing outside itself but zod, and for RPC birpc and MessagePack', () => {
    const allowed = (item: Import) =>
      item.file === null
        ? item.specifier === 'zod' ||
          (under(item.from, 'src-shared/rpc') && ['birpc', '@msgpack/msgpack'].includes(item.specifier))
        : under(item.file, 'src-shared')
    expect(show(imports.filter((item) => under(item.from, 'src-shared') && !allowed(item)))).toEqual([])
  })

  it('the lower parts of src-shared do not know the higher ones', () => {
    // Each may import itself and what stands after it.
    const order = ['export', 'project', 'graph', 'blocks', 'issues', 'layout']
    const rank = (path: string | null) => order.indexOf(path?.split('/')[1] ?? '')
    const upward = imports.filter(
      ({ from, file, typeOnly }) =>
        !typeOnly &&
        under(from, 'src-shared') &&
        under(file, 'src-shared') &&
        rank(from) >= 0 &&
        rank(file) >= 0 &&
        rank(file) < rank(from),
    )
    expect(show(upward)).toEqual([])
  })

  it('the window imports only itself and src-shared', () => {
    const wrong = imports.filter(
      ({ from, file, specifier }) =>
        under(from, 'src-renderer') &&
        (file === null
          ? isBuiltin(specifier) || packageOf(specifier) === 'electron'
          : !under(file, 'src-renderer', 'src-shared')),
    )
    expect(show(wrong)).toEqual([])
  })

  it('the engine imports only itself and src-shared', () => {
    const wrong = imports.filter(
      ({ from, file }) =>
        under(from, 'src-main/engine') && file !== null && !under(file, 'src-main/engine', 'src-shared'),
    )
    expect(show(wrong)).toEqual([])
  })

  it('executors and ops never import the trainer', () => {
    const wrong = imports.filter(
      ({ from, file }) =>
        under(from, 'src-main/engine/executors', 'src-main/engine/ops') &&
        /\/(trainer|worker)\.ts$/.test(file ?? ''),
    )
    expect(show(wrong)).toEqual([])
  })

  it('services reach the engine through its protocol, not through its code', () => {
    const wrong = imports.filter(
      ({ from, file }) =>
        under(from, 'src-main/services', 'src-main/storage', 'src-main/electron', 'src-main/webShell') &&
        under(file, 'src-main/engine') &&
        // Where threads' files and how much memory there is.
        !['src-main/engine/workerFile.ts', 'src-main/engine/machineMemory.ts'].includes(file ?? ''),
    )
    expect(show(wrong)).toEqual([])
  })

  it('services and storage know no shell', () => {
    const wrong = imports.filter(
      ({ from, file }) =>
        under(from, 'src-main/services', 'src-main/storage') &&
        under(
          file,
          'src-main/cli',
          'src-main/webShell',
          'src-main/electron',
          'src-main/preload',
          'src-main/launcher',
        ),
    )
    expect(show(wrong)).toEqual([])
  })

  it('only the Electron shell and the preload know Electron', () => {
    const users = imports.filter(({ specifier }) => packageOf(specifier) === 'electron')
    expect(users.length).toBeGreaterThan(0)
    expect(show(users.filter(({ from }) => !under(from, 'src-main/electron', 'src-main/preload')))).toEqual(
      [],
    )
  })

  it('the launcher needs no package, since it runs before there are any', () => {
    const wrong = imports.filter(
      ({ from, file, specifier }) =>
        under(from, 'src-main/launcher') &&
        (file === null ? !isBuiltin(specifier) : !under(file, 'src-main/launcher')),
    )
    expect(show(wrong)).toEqual([])
  })

  it('what the packaged app imports is a dependency, not a development one', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: object
    }
    const provided = new Set([...Object.keys(dependencies), 'electron'])
    const wrong = imports.filter(
      ({ from, file, specifier, typeOnly }) =>
        under(from, 'src-main', 'src-shared') &&
        from.endsWith('.ts') &&
        !from.endsWith('.config.ts') &&
        file === null &&
        !typeOnly &&
        !isBuiltin(specifier) &&
        !provided.has(packageOf(specifier)),
    )
    expect(show(wrong)).toEqual([])
  })
})

describe('circular imports', () => {
  /** Cycles among imports that are there at run time; imports of types do no harm. */
  function findCycles(): string[][] {
    const graph = new Map<string, string[]>()
    for (const { from, file, typeOnly, dynamic } of imports) {
      if (file !== null && !typeOnly && !dynamic) graph.set(from, [...(graph.get(from) ?? []), file])
    }
    const cycles: string[][] = []
    const done = new Set<string>()
    const path: string[] = []
    const visit = (file: string): void => {
      const seenAt = path.indexOf(file)
      if (seenAt >= 0) cycles.push([...path.slice(seenAt), file])
      if (seenAt >= 0 || done.has(file)) return
      path.push(file)
      for (const next of graph.get(file) ?? []) visit(next)
      path.pop()
      done.add(file)
    }
    for (const file of graph.keys()) visit(file)
    return cycles
  }

  it('has none', () => {
    expect(findCycles().map((cycle) => cycle.join(' → '))).toEqual([])
  })
})
