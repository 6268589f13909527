/** Habits of the sources that no compiler checks. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blockDefinitions } from '#shared/blocks/index'
import { blockIcons } from '../../src-renderer/palette/blockIcons'
import { filesUnder, root, sourceFolders } from './importGraph'

const everywhere = [...sourceFolders, 'test']
const textFiles = everywhere.flatMap((folder) =>
  filesUnder(folder, ['.ts', '.mjs', '.vue', '.css', '.wgsl', '.html', '.json']),
)
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe('files', () => {
  it('leave nothing marked as unfinished', () => {
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`)
    expect(textFiles.filter((file) => marks.test(read(file)))).toEqual([])
  })

  // Lists of definitions may be an index; files that only pass on others' exports may not.
  it('are named after what they hold', () => {
    const code = everywhere.flatMap((folder) => filesUnder(folder))
    expect(code.filter((file) => /^(utils?|helpers?|common|misc)\./i.test(basename(file)))).toEqual([])
    expect(code.filter((file) => basename(file) === 'index.ts')).toEqual([
      'src-shared/blocks/index.ts',
      'src-shared/templates/index.ts',
      'src-main/index.ts',
    ])
    expect(
      code.filter((file) => file.endsWith('.vue') && !/^[A-Z][A-Za-z0-9]+\.vue$/.test(basename(file))),
    ).toEqual([])
    expect(
      code.filter(
        (file) =>
          /\.(ts|mjs)$/.test(file) && !/^[a-z][A-Za-z0-9]*(\.test|\.config)?\.(ts|mjs)$/.test(basename(file)),
      ),
    ).toEqual([])
  })

  it('stay short enough to read', () => {
    const long = sourceFolders
      .flatMap((folder) => filesUnder(folder))
      .map((file) => [file, read(file).split('\n').length] as const)
      .filter(([, lines]) => lines > 450)
    expect(long).toEqual([])
  })
})

describe('block types', () => {
  it.each(blockDefinitions.map((definition) => [definition.type, definition] as const))(
    '%s has its file and its icon',
    (type, definition) => {
      expect(read(`src-shared/blocks/${type}.ts`)).toMatch(new RegExp(`export const ${type} = define\\w+\\(`))
      expect(Object.keys(blockIcons)).toContain(definition.palette.icon)
    },
  )

  it('are all in the list', () => {
    const defined = filesUnder('src-shared/blocks').filter((file) =>
      /export const \w+ = define(Block|Pool2d)\(/.test(read(file)),
    )
    expect(defined.map((file) => basename(file, '.ts')).sort()).toEqual(
      blockDefinitions.map(({ type }) => type).sort(),
    )
  })
})
