#!/usr/bin/env node
/**
 * `npm run -s interlock -- <command> …`: the command line, in this very process, or in one of Interlock's own Node that has the
 * terminal and gets the signals. Nothing but its results is written to stdout.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { handOver } from './command.mjs'
import { ensureReady } from './ensureReady.mjs'
import { findNode } from './ownNode.mjs'
import { root } from './root.mjs'
import { runLauncher } from './say.mjs'

// 1 is an answer of the command line ("no"); not having started is none.
await runLauncher(async () => {
  await ensureReady()
  // npm runs scripts in the package's folder; paths that a person types mean their own.
  const folder = process.env['INIT_CWD']
  if (folder !== undefined && process.env['npm_lifecycle_event'] === 'interlock') process.chdir(folder)
  const entry = join(root, 'out', 'main', 'index.js')
  const node = await findNode()
  if (node !== process.execPath) {
    process.exitCode = await handOver(node, [entry, ...process.argv.slice(2)])
    return
  }
  process.argv[1] = entry
  await import(pathToFileURL(entry).href)
}, 3)
