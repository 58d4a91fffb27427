// The import table of the architecture, and the DOM sinks nobody may use. Run by `npm run lint`.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Who may import whom: module → prefixes it may import, beside its own folder. A module is the longest key its
 * path starts with. Bare specifiers (packages) are listed by name.
 */
const MAY_IMPORT = {
  'src/core/model': [],
  'src/core/layout': [],
  'src/core/i18n': ['src/core/model'],
  'src/core/framing': ['src/core/model', 'eventsource-parser'],
  'src/core/dialect': ['src/core/model'],
  'src/core/tools': ['src/core/model'],
  'src/core/markdown': ['src/core/model', 'marked', 'closed:'],
  'src/core/transport': ['src/core/model', 'src/core/framing'],
  'src/core/pipeline.ts': ['src/core/model', 'src/core/transport/transport', 'src/core/dialect/dialect'],
  'src/core/conversation': ['src/core/model', 'src/core/tools', 'src/core/pipeline'],
  'src/core/endpoint': ['src/core/model', 'src/core/dialect', 'src/core/transport', 'src/core/pipeline'],
  'src/core/stream-events.ts': ['src/core'],
  'src/core/index.ts': ['src/core'],
  'src/elements/shared': ['src/core/index', 'lit'],
  'src/elements/ai-stream-chat': [
    'src/core/index',
    'src/elements/shared',
    'src/elements/ai-stream-message/ai-stream-message.define',
    'src/elements/ai-virtual-list/ai-virtual-list.define',
    'src/elements/page-tools/page-tools',
    'lit',
    '@lit/task',
  ],
  // Of the chat types only: what it is asked for, and what it may ask for.
  'src/elements/page-tools': ['src/core/index', 'src/elements/ai-stream-chat/execute-tool'],
  'src/elements/ai-stream-message': [
    'src/core/index',
    'src/elements/shared',
    'lit',
    '@lit/task',
    'dompurify',
  ],
  'src/elements/ai-virtual-list': ['src/core/index', 'src/elements/shared', 'lit'],
  'src/index.ts': ['src'],
  'src/message.ts': ['src'],
  'src/list.ts': ['src'],
  // The demo is a host page: it uses the built package, as any site would. Its server's sockets are those of `ws`.
  demo: ['node:', 'dist/', 'ws'],
};

/** What may stand nowhere in `src`: model text reaches the DOM as a sanitized fragment only. */
const FORBIDDEN = [
  [/\.(?:inner|outer)HTML\s*=/, 'assigns HTML text to an element'],
  [/\binsertAdjacentHTML\b/, 'assigns HTML text to an element'],
  [/\bsetHTMLUnsafe\b|\bparseHTMLUnsafe\b/, 'assigns HTML text to an element'],
  [/\bunsafe(?:HTML|SVG|CSS|Static)\b/, 'passes a string to Lit as markup'],
  [/\beval\(|\bnew Function\(/, 'runs text as code, which strict pages forbid'],
  [/addEventListener\(\s*['"]message['"]/, 'listens to messages that any frame can post'],
];

const IMPORT =
  /^\s*(?:import|export)\s(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

const problems = [];

function moduleOf(file) {
  return Object.keys(MAY_IMPORT)
    .filter((key) => file === key || file.startsWith(`${key}/`))
    .reduce((longest, key) => (key.length > longest.length ? key : longest), '');
}

function starts(specifier, prefix) {
  return (
    specifier === prefix ||
    specifier.startsWith(prefix.endsWith('/') || prefix.endsWith(':') ? prefix : `${prefix}/`) ||
    specifier.startsWith(`${prefix}.`)
  );
}

function filesOf(folder, endings) {
  return readdirSync(folder, { recursive: true })
    .map((name) => `${folder}/${name.split(path.sep).join('/')}`)
    .filter((name) => endings.some((ending) => name.endsWith(ending)));
}

for (const file of [...filesOf('src', ['.ts']), ...filesOf('demo', ['.js', '.mjs'])]) {
  const text = readFileSync(file, 'utf8');
  const module = moduleOf(file);
  if (!module) {
    problems.push(`${file}: is in no module of the table in test/lint/architecture.mjs`);
    continue;
  }
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2];
    const target = specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(file), specifier)
      : specifier;
    const own = module.endsWith('.ts') ? target === module : starts(target, module);
    if (own || MAY_IMPORT[module].some((prefix) => starts(target, prefix))) continue;
    problems.push(
      `${file}: imports ${specifier}. ${module} may import only: ${MAY_IMPORT[module].join(', ') || 'nothing'}`,
    );
  }
  if (!file.startsWith('src/')) continue;
  for (const [pattern, reason] of FORBIDDEN) {
    if (pattern.test(text)) problems.push(`${file}: ${reason} (${pattern.source})`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('Imports follow the architecture.');
