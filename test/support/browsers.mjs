// Finds the browsers of this machine. Chromium comes with the development dependencies, so the tests run where
// nothing is installed; Firefox and WebKit run as well where they are there.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

function executable(file) {
  if (!file) return undefined;
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}

function onPath(names) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of names) {
      const file = executable(path.join(folder, name));
      if (file) return file;
    }
  }
  return undefined;
}

/** The newest browser another tool has downloaded into the user's cache. */
function cached(folder, versions, tails) {
  const root = path.join(os.homedir(), '.cache', folder);
  if (!existsSync(root)) return undefined;
  const found = readdirSync(root)
    .filter((name) => versions.test(name))
    .toSorted()
    .toReversed();
  for (const version of found) {
    for (const tail of tails) {
      const file = executable(path.join(root, version, tail));
      if (file) return file;
    }
  }
  return undefined;
}

async function bundled() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { default: chromium } = await import('@sparticuz/chromium');
  return executable(await chromium.executablePath());
}

/** Path of a Chromium: `CHROME_PATH`, an installed one, a cached one, or the one of the dev dependencies. */
export async function findChromium() {
  const file =
    executable(process.env.CHROME_PATH) ??
    onPath(['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser']) ??
    executable('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome') ??
    executable(path.join(process.env.PROGRAMFILES ?? '-', 'Google/Chrome/Application/chrome.exe')) ??
    cached('ms-playwright', /^chromium-\d/, ['chrome-linux64/chrome', 'chrome-linux/chrome']) ??
    cached('puppeteer/chrome', /./, ['chrome-linux64/chrome']) ??
    (await bundled());
  if (file) return file;
  throw new Error(
    'No Chromium found. Set CHROME_PATH to one, or run: npx @puppeteer/browsers install chrome@stable',
  );
}

/** Path of a Firefox, or undefined. */
export function findFirefox() {
  return (
    executable(process.env.FIREFOX_PATH) ??
    onPath(['firefox', 'firefox-esr']) ??
    executable('/Applications/Firefox.app/Contents/MacOS/firefox')
  );
}

/** WebKitGTK's small browser with its driver, and the display it is shown on unless that of the desktop must do. */
export function findWebKit() {
  const miniBrowser =
    executable(process.env.WEBKIT_PATH) ??
    ['x86_64', 'aarch64']
      .flatMap((architecture) =>
        ['4.1', '4.0'].map(
          (version) => `/usr/lib/${architecture}-linux-gnu/webkit2gtk-${version}/MiniBrowser`,
        ),
      )
      .find((file) => executable(file));
  const driver = onPath(['WebKitWebDriver']);
  const xvfb = onPath(['Xvfb']);
  if (!miniBrowser || !driver || !(xvfb ?? process.env.DISPLAY)) return undefined;
  return { miniBrowser, driver, xvfb };
}

const root = process.getuid?.() === 0;

/** Chromium refuses its sandbox to root; the rest keeps it from looking for hosts of its own. */
export const chromiumArgs = [
  ...(root || process.env.CI ? ['--no-sandbox'] : []),
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=Translate,OptimizationHints,MediaRouter',
];
