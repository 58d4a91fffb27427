import { fileURLToPath } from 'node:url';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { closedModulesForServer } from './rollup.config.mjs';
import { chromiumArgs, findChromium, findFirefox } from './test/support/browsers.mjs';
import { countReporter } from './test/support/count-reporter.mjs';
import { misbehavingEndpoints } from './test/support/endpoints.mjs';
import { images } from './test/support/images.mjs';
import { recordedStreams } from './test/support/recorded-streams.mjs';
import { socketEndpoint } from './test/support/socket-endpoint.mjs';
import { sharedFiles } from './test/support/shared-files.mjs';

const firefox = process.env.BROWSERS === 'chromium' ? undefined : findFirefox();
if (!firefox && process.env.BROWSERS !== 'chromium')
  console.log('Firefox is not installed: its run is skipped.');

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
    chromeLauncher({
      launchOptions: { executablePath: await findChromium(), args: chromiumArgs },
      concurrency: 1,
    }),
    ...(firefox ? [await firefoxLauncher()] : []),
  ],
  concurrency: 1,
  // A file of a busy machine is no file that hangs; each test has its own timeout.
  testsFinishTimeout: 300_000,
  middleware: [misbehavingEndpoints(), recordedStreams(), sharedFiles(), images()],
  testFramework: { config: { timeout: 60_000 } },
  reporters: [defaultReporter(), countReporter()],
};
