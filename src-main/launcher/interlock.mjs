#!/usr/bin/env node
/**
 * `npm run -s interlock -- <command> …`: the command line, in this very process, so that signals, exit code and standard
 * streams are its own. Nothing but its results is written to stdout.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureReady } from './ensureReady.mjs'
import { root } from './root.mjs'
import { runLauncher } from './say.mjs'

// 1 is an answer of the command line ("no"); not having started is none.
await runLauncher(async () => {
  await ensureReady()
  // npm runs scripts in the package's folder; paths that a person types mean their own.
  const folder = process.env['INIT_CWD']
  if (folder !== undefined && process.env['npm_lifecycle_event'] === 'interlock') process.chdir(folder)
  const entry = join(root, 'out', 'main', 'index.js')
  process.argv[1] = entry
  await import(pathToFileURL(entry).href)
}, 3)
