// Everything `npm test` runs, in order, with one line at the end that counts it all:
//
//   node test/run.mjs               all steps
//   node test/run.mjs types core    only these
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const countsFolder = mkdtempSync(path.join(tmpdir(), 'ai-stream-chat-'));
const total = { passed: 0, failed: 0, skipped: 0 };

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.test\.(?:ts|mjs)$/.test(name))
    .map((name) => path.join(folder, name));
}

/** node:test over every test file in these folders. */
function nodeTests(counts, ...folders) {
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./test/support/node-counts.mjs',
    `--test-reporter-destination=${counts}`,
  ];
  const loaders = ['--import', 'tsx', '--import', './test/support/closed-modules.mjs'];
  return ['node', ...loaders, '--test', ...reporters, ...folders.flatMap(filesIn)];
}

/** A step is one command; a step without counts of its own counts as one test. */
const STEPS = {
  types: () => ['npm', 'run', '--silent', 'types'],
  lint: () => ['npm', 'run', '--silent', 'lint'],
  build: () => ['npm', 'run', '--silent', 'build'],
  core: (counts) => nodeTests(counts, 'test/core', 'test/conformance'),
  package: (counts) => nodeTests(counts, 'test/package'),
  server: (counts) => nodeTests(counts, 'test/server'),
  elements: () => ['npx', 'wtr'],
  e2e: (counts) => nodeTests(counts, 'test/e2e'),
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!(name in STEPS))
    throw new Error(`There is no step "${name}". The steps are: ${Object.keys(STEPS).join(', ')}`);
}

for (const [name, command] of Object.entries(STEPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  const counts = path.join(countsFolder, name);
  const [program, ...args] = command(counts);
  const { status } = spawnSync(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TEST_COUNTS: counts },
  });
  const step = existsSync(counts)
    ? JSON.parse(readFileSync(counts, 'utf8'))
    : { passed: Number(status === 0), failed: Number(status !== 0), skipped: 0 };
  // A runner that fails for another reason than a test has failed all the same.
  if (status !== 0 && step.failed === 0) step.failed = 1;
  for (const key of Object.keys(total)) total[key] += step[key];
}

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
