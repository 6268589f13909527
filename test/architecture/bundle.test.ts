/** What the build made: no kernel in the window, no Electron where plain Node runs. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import ts from 'typescript'
import { root } from './importGraph'

const out = join(root, 'out')

function builtFiles(folder: string, ending: string): string[] {
  return readdirSync(join(out, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(out, folder, name))
}

describe('the built window', () => {
  // The host window's own bundle lends the GPU and is excepted.
  const scripts = builtFiles('renderer', '.js').filter((file) => !/hostWindow/i.test(file))
  const text = scripts.map((file) => readFileSync(file, 'utf8')).join('\n')

  it('is there', () => {
    expect(text.length).toBeGreaterThan(100_000)
    expect(text).toContain('interlock-project')
  })

  it.each([
    '@compute',
    '@workgroup_size',
    'createComputePipeline',
    'createShaderModule',
    'requestAdapter',
    'kernels.wasm',
  ])('holds no engine code: %s', (mark) => {
    expect(text).not.toContain(mark)
  })

  it.each(['WebAssembly.', 'SharedArrayBuffer(', 'require("electron")', 'node:fs', 'new Function', 'eval('])(
    'does not use %s',
    (mark) => {
      expect(text).not.toContain(mark)
    },
  )

  it('loads without inline scripts or styles, as its policy demands', () => {
    const page = readFileSync(join(out, 'renderer', 'index.html'), 'utf8')
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/)
    expect(page).not.toMatch(/<style|\bstyle=|\bon[a-z]+=/)
  })
})

describe('the built main side', () => {
  /** Specifiers of the static imports and re-exports of a file. */
  function staticImports(file: string): string[] {
    return ts
      .createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
      .statements.filter(
        (statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement),
      )
      .flatMap(({ moduleSpecifier }) =>
        moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [],
      )
  }
  /** Every file that loads with `entry`, without dynamic imports. */
  function loadedWith(entry: string, seen = new Set<string>()): Set<string> {
    if (seen.has(entry)) return seen
    seen.add(entry)
    for (const specifier of staticImports(entry))
      if (specifier.startsWith('.')) loadedWith(join(dirname(entry), specifier), seen)
    return seen
  }
  const needsElectron = (file: string) => staticImports(file).includes('electron')

  it.each(['index.js', 'engineWorker.js', 'cpuThread.js'])(
    '%s starts under plain Node, without Electron',
    (name) => {
      const files = [...loadedWith(join(out, 'main', name))].filter(
        (file) => !/[\\/]chunks[\\/]main-/.test(file),
      )
      expect(files.filter(needsElectron)).toEqual([])
    },
  )

  it('has the Electron shell in a chunk of its own', () => {
    expect(builtFiles('main', '.js').filter(needsElectron)).toHaveLength(1)
  })

  it('has a preload that runs in a sandbox: one file, no package but electron', () => {
    const text = readFileSync(join(out, 'preload', 'preload.cjs'), 'utf8')
    expect([...text.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1])).toEqual(['electron'])
    expect(text).not.toContain('contextBridge')
  })
})
