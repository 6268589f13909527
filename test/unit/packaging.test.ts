/** The packages' configuration, checked offline with electron-builder's own schema and the files it names. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'electron-builder.json'), 'utf8')
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'))

interface Validator {
  validateConfiguration(config: unknown, log: unknown): Promise<void>
}
const { validateConfiguration } = builder('app-builder-lib/out/util/config/config') as Validator
const { DebugLogger } = builder('builder-util') as { DebugLogger: new (enabled: boolean) => unknown }

const validate = (config: unknown) => validateConfiguration(config, new DebugLogger(false))

describe('electron-builder.json', () => {
  it('is valid by the schema of the installed electron-builder', async () => {
    await expect(validate(JSON.parse(text))).resolves.toBeUndefined()
  })

  it('would not be valid with a mistyped key (so that the check means something)', async () => {
    await expect(validate({ ...JSON.parse(text), asarUnpacked: [] })).rejects.toThrow(/asarUnpacked/)
    const { electronFuses, ...rest } = JSON.parse(text)
    await expect(validate({ ...rest, electronFuses: { ...electronFuses, runAsNode: 'no' } })).rejects.toThrow(
      /runAsNode/,
    )
  })

  it('makes the four packages, hardened', () => {
    const config = JSON.parse(text)
    expect([config.linux.target, config.mac.target, config.win.target].flat()).toEqual([
      'AppImage',
      'deb',
      'dmg',
      'nsis',
    ])
    expect(config.electronFuses).toMatchObject({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
    })
  })

  it('names icons that are there and are what they say', () => {
    const config = JSON.parse(text)
    const icon = (name: string) => {
      const file = join(root, config.directories.buildResources, name)
      expect(existsSync(file), file).toBe(true)
      return readFileSync(file)
    }
    expect(icon(config.linux.icon).subarray(1, 4).toString()).toBe('PNG')
    expect(icon(config.mac.icon).subarray(0, 4).toString()).toBe('icns')
    expect([...icon(config.win.icon).subarray(0, 4)]).toEqual([0, 0, 1, 0])
  })

  it('packs what the build makes and what package.json starts', () => {
    const { files } = JSON.parse(text) as { files: string[] }
    expect(files).toContain('out/main/**')
    expect(packageJson.main).toBe('./out/main/index.js')
  })
})
