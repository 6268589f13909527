/**
 * Installs the peers' packages, or does nothing when they are there: node test/bench/peers/install.mjs.
 * Without scripts, since ONNX Runtime's would fetch the libraries for NVIDIA's graphics cards, which it does not need here.
 */
import { ensureInstalled } from '../../../src-main/launcher/ensureReady.mjs'
import { runLauncher } from '../../../src-main/launcher/say.mjs'

const folder = import.meta.dirname
const what = 'the peers of the benchmark (once, about 400 MB)'
await runLauncher(() => ensureInstalled({ folder, what, flags: ['--ignore-scripts'] }))
