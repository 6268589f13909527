/** Reads the import graph of the sources: who imports whom, and which imports are of types only. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'

export const root = join(import.meta.dirname, '..', '..')
export const sourceFolders = ['src-shared', 'src-main', 'src-renderer'] as const

export interface Import {
  /** Path of the importing file from the repository's root, with `/`. */
  from: string
  /** As written, without a query: `./types`, `#shared/ops`, `electron`. */
  specifier: string
  /** The imported file from the root, or null for a package or a built-in module. */
  file: string | null
  /** Gone after compilation. */
  typeOnly: boolean
  /** `import(…)`. */
  dynamic: boolean
}

const extensions = ['.ts', '.mts', '.mjs', '.js', '.vue'] as const

export function filesUnder(folder: string, endings: readonly string[] = extensions): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter((file) => !file.includes('/node_modules/'))
    .filter((file) => endings.some((ending) => file.endsWith(ending)) && !file.endsWith('.d.ts'))
    .filter((file) => !file.startsWith('src-main/engine/wasm/assembly/'))
    .sort()
}

/** The scripts of a Vue file, or the whole text of any other. */
function scriptOf(file: string, text: string): string {
  if (!file.endsWith('.vue')) return text
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function resolveImport(from: string, specifier: string): string | null {
  const path = specifier.startsWith('#shared/')
    ? join(root, 'src-shared', specifier.slice('#shared/'.length))
    : specifier.startsWith('.')
      ? join(root, dirname(from), specifier)
      : null
  if (path === null) return null
  const found = [path, ...extensions.map((extension) => path + extension), join(path, 'index.ts')].find(
    isFile,
  )
  if (found === undefined) throw new Error(`${from} imports ${specifier}, which does not exist`)
  return relative(root, found).split(sep).join('/')
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    scriptOf(file, readFileSync(join(root, file), 'utf8')),
    ts.ScriptTarget.Latest,
  )
  const found: Import[] = []
  const add = (node: ts.Expression | undefined, typeOnly: boolean, dynamic: boolean) => {
    if (!node || !ts.isStringLiteralLike(node)) return
    const specifier = node.text.replace(/\?.*$/, '')
    found.push({ from: file, specifier, file: resolveImport(file, specifier), typeOnly, dynamic })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause
      const names = clause?.namedBindings
      const onlyTypes =
        clause?.name === undefined &&
        names !== undefined &&
        ts.isNamedImports(names) &&
        names.elements.length > 0 &&
        names.elements.every((element) => element.isTypeOnly)
      add(node.moduleSpecifier, clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || onlyTypes, false)
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly, false)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Every import of every source file. Throws for one that leads nowhere. */
export function readImports(folders: readonly string[] = sourceFolders): Import[] {
  return folders.flatMap((folder) => filesUnder(folder)).flatMap(importsOf)
}
