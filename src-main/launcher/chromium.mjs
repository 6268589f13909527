/** Finds a Chromium-based browser for the app tests, or installs one where that takes no more than apt. */
import { existsSync } from 'node:fs'
import { lastLines, runCommand } from './command.mjs'
import { LauncherError, say } from './say.mjs'

/** @param {NodeJS.ProcessEnv} env @returns {string[]} */
function knownPlaces(env) {
  if (process.platform === 'darwin') {
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ]
  }
  if (process.platform === 'win32') {
    return [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']]
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        `${folder}\\Google\\Chrome\\Application\\chrome.exe`,
        `${folder}\\Chromium\\Application\\chrome.exe`,
        `${folder}\\Microsoft\\Edge\\Application\\msedge.exe`,
      ])
  }
  return ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'microsoft-edge'].map(
    (name) => `/usr/bin/${name}`,
  )
}

/** @returns {string | null} `CHROME_PATH` when it is set, else a browser in a usual place. */
export function findChromium(env = process.env) {
  const named = env['CHROME_PATH']
  if (named) return existsSync(named) ? named : null
  return knownPlaces(env).find((file) => existsSync(file)) ?? null
}

/** The browser's path; installs Debian's `chromium` as root. Throws LauncherError with what to do. */
export async function ensureChromium() {
  const found = findChromium()
  if (found) return found
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('Installing Chromium for the app tests …')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await runCommand('apt-get', ['update', '-q'], { env })
    const { output } = await runCommand(
      'apt-get',
      ['install', '-q', '-y', '--no-install-recommends', 'chromium'],
      { env },
    )
    const installed = findChromium()
    if (installed) return installed
    say(lastLines(output, 5))
  }
  throw new LauncherError(
    'The app tests need a browser. Install Chromium, Google Chrome or Microsoft Edge (Debian: apt install chromium), or set CHROME_PATH to one.',
  )
}
