// A child process that looks like Electron's utility process from inside: `process.parentPort` in place of Node's own line.
const send = process.send.bind(process)
process.parentPort = {
  on: (_event, listener) => process.on('message', (data) => listener({ data })),
  postMessage: (message) => send(message),
}
process.on('disconnect', () => process.exit(0))
await import(process.argv[2])
