import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A value that has to be of a type. */
export interface TypedValue {
  /** TypeScript before the value: imports, and declarations. */
  readonly head: string;
  /** The type, in terms of `head`. */
  readonly type: string;
  readonly value: unknown;
}

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

const MAX_REPORT_BYTES = 64 * 1024 * 1024;

const OPTIONS = {
  target: 'ES2022',
  module: 'ESNext',
  moduleResolution: 'bundler',
  lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/**
 * What the TypeScript compiler has against each value, in one run of it; an empty list where it has nothing. The values
 * stand in the code as literals, so a field that the type does not have is reported too.
 */
export function checkTypes(values: readonly TypedValue[]): string[][] {
  const sources = values.map(
    ({ head, type, value }) =>
      `${head}\nexport default ${JSON.stringify(value, null, 2)} satisfies ${type};\n`,
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-stream-chat-types-'));
  try {
    symlinkSync(modules, path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
    for (const [index, source] of sources.entries()) writeFileSync(path.join(folder, `${index}.ts`), source);
    return readProblems(compile(folder), sources);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The compiler's own report. */
function compile(folder: string): string {
  const args = [path.join(modules, 'typescript/bin/tsc'), '-p', '.', '--pretty', 'false'];
  const { stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: MAX_REPORT_BYTES,
  });
  if (error) throw error;
  return stdout + stderr;
}

const PROBLEM = /^(\d+)\.ts\((\d+),\d+\): error TS\d+: (.*(?:\n +.*)*)\n/gm;

function readProblems(report: string, sources: readonly string[]): string[][] {
  const problems = sources.map((): string[] => []);
  for (const [, index, line, message] of report.matchAll(PROBLEM)) {
    const place = sources[Number(index)]?.split('\n')[Number(line) - 1];
    problems[Number(index)]?.push(`${place?.trim()}: ${message}`);
  }
  const rest = report.replaceAll(PROBLEM, '');
  if (rest.trim() !== '') throw new Error(`The compiler could not do its work: ${rest}`);
  return problems;
}
