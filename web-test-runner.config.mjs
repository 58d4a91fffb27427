import { fileURLToPath } from 'node:url';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { closedModulesForServer } from './rollup.config.mjs';
import { chromiumArgs, findChromium, findFirefox, findWebKit } from './test/support/browsers.mjs';
import { countReporter } from './test/support/count-reporter.mjs';
import { misbehavingEndpoints } from './test/support/endpoints.mjs';
import { images } from './test/support/images.mjs';
import { recordedStreams } from './test/support/recorded-streams.mjs';
import { socketEndpoint } from './test/support/socket-endpoint.mjs';
import { sharedFiles } from './test/support/shared-files.mjs';
import { webkitLauncher } from './test/support/webkit-launcher.mjs';

/** `BROWSERS=chromium,webkit`: only these. */
const wanted = process.env.BROWSERS?.split(',') ?? ['chromium', 'firefox', 'webkit'];

const firefox = wanted.includes('firefox') ? findFirefox() : undefined;
if (wanted.includes('firefox') && !firefox) console.log('Firefox is not installed: its run is skipped.');
const webkit = wanted.includes('webkit') ? findWebKit() : undefined;
if (wanted.includes('webkit') && !webkit) console.log('WebKitGTK is not installed: its run is skipped.');

/** What a whole run has WebKit do: the list, and where else engines differ. All of it takes it seven minutes. */
const WEBKIT_FILES = [
  'test/elements/ai-virtual-list/*.test.ts',
  'test/elements/ai-stream-chat/{position,search}.test.ts',
  'test/elements/ai-stream-message/{code,highlight,links}.test.ts',
  'test/elements/page-tools/form-fill.test.ts',
];
// Who names files, or the browser, gets just that.
const isNamed = Boolean(process.env.BROWSERS) || process.argv.some((word) => /^--files\b/.test(word));
const webkitBrowsers = webkit ? [webkitLauncher(webkit)] : [];

async function chromiumLauncher() {
  return chromeLauncher({
    launchOptions: { executablePath: await findChromium(), args: chromiumArgs },
    concurrency: 1,
  });
}

async function firefoxLauncher() {
  // puppeteer-core drives Firefox over WebDriver BiDi; no second driver package is needed.
  const { default: puppeteerCore } = await import('puppeteer-core');
  const launcher = chromeLauncher({
    puppeteer: puppeteerCore,
    launchOptions: { browser: 'firefox', executablePath: firefox },
    concurrency: 1,
  });
  launcher.name = 'Firefox';
  return launcher;
}

export default {
  files: ['test/elements/**/*.test.ts'],
  nodeResolve: { browser: true, exportConditions: ['browser', 'development'] },
  plugins: [
    closedModulesForServer(),
    esbuildPlugin({
      ts: true,
      target: 'es2022',
      tsconfig: fileURLToPath(new URL('./tsconfig.json', import.meta.url)),
    }),
    socketEndpoint(),
  ],
  browsers: [
    ...(wanted.includes('chromium') ? [await chromiumLauncher()] : []),
    ...(firefox ? [await firefoxLauncher()] : []),
    ...(isNamed ? webkitBrowsers : []),
  ],
  groups: isNamed || !webkit ? [] : [{ name: 'webkit', files: WEBKIT_FILES, browsers: webkitBrowsers }],
  concurrency: 1,
  // A file of a busy machine is no file that hangs; each test has its own timeout.
  testsFinishTimeout: 300_000,
  middleware: [misbehavingEndpoints(), recordedStreams(), sharedFiles(), images()],
  testFramework: { config: { timeout: 60_000 } },
  reporters: [defaultReporter(), countReporter()],
};
