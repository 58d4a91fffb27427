import { readFile } from 'node:fs/promises';
import path from 'node:path';
import minifyLiterals from '@lit-labs/rollup-plugin-minify-html-literals';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { build } from 'esbuild';
import esbuild, { minify } from 'rollup-plugin-esbuild';

// `import load from 'closed:./module.ts'` gives a function that needs nothing from outside itself: called, it
// returns the module's exports; turned into text, it starts a worker that holds the same code. So the bundle has
// the markdown engine once (docs/decisions/0004-one-closed-engine.md).
const PREFIX = 'closed:';

/** Options of marked as the engine has them, always: what they switch off is left out. */
const MARKED_OPTIONS = { gfm: true, breaks: false, pedantic: false, silent: false };

/**
 * Leaves out marked's shared instance, and with it the class that only the instance needs: nothing here uses them, and
 * no bundler can tell, as the functions of the instance are fields of each other.
 */
const withoutSharedMarked = {
  name: 'without-shared-marked',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]marked\.esm\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const [, classes, , names] =
        /^(.*)var (\w+)=new \w+;function \w+\(\w+,\w+\)\{return \2\.parse\(.*export\{(.*)\};/s.exec(source) ??
        [];
      if (!classes) throw new Error(`${file} is built otherwise than expected. See "withoutSharedMarked".`);
      const exported = names.match(/\w+ as (?:Lexer|Parser|Renderer|Tokenizer)\b/g);
      const settled = classes
        .replaceAll(/this\.options\.(\w+)/g, (read, name) => MARKED_OPTIONS[name] ?? read)
        // The rules of these options, which nothing reads any more.
        .replaceAll(/(?<=[{,])(?:breaks|pedantic):\w+,?/g, '');
      return { contents: `${settled}export{${exported.join()}};` };
    });
  },
};

async function closedFunction(file) {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
    plugins: [withoutSharedMarked],
  });
  const body = result.outputFiles[0].text.replace(/export (\{[^{}]*\};\s*)$/, 'return $1');
  return {
    code: `export default function () {\n${body}}\n`,
    inputs: Object.keys(result.metafile.inputs).map((input) => path.resolve(input)),
  };
}

export function closedModules() {
  return {
    name: 'closed-modules',
    resolveId(source, importer) {
      if (!source.startsWith(PREFIX)) return null;
      return `\0${PREFIX}${path.resolve(path.dirname(importer), source.slice(PREFIX.length))}`;
    },
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const { code, inputs } = await closedFunction(id.slice(PREFIX.length + 1));
      for (const input of inputs) this.addWatchFile(input);
      return { code, moduleSideEffects: false };
    },
  };
}

/** The same for the development server, which is what the browser tests load. */
export function closedModulesForServer() {
  return {
    name: 'closed-modules',
    resolveImport({ source, context }) {
      if (!source.startsWith(PREFIX)) return undefined;
      return `${path.posix.join(path.posix.dirname(context.path), source.slice(PREFIX.length))}?closed`;
    },
    resolveMimeType(context) {
      return context.URL.searchParams.has('closed') ? 'js' : undefined;
    },
    async serve(context) {
      if (!context.URL.searchParams.has('closed')) return undefined;
      const { code } = await closedFunction(path.join(process.cwd(), context.path));
      return { body: code, type: 'js' };
    },
  };
}

/** Name of the Trusted Types policy of the Lit in the drop-in file. */
const LIT_POLICY = 'ai-stream-chat#lit';

/**
 * Gives the bundled Lit a policy of its own: a page with another Lit and with Trusted Types allows the name `lit-html`
 * once, and this Lit would throw while it is loaded.
 */
function ownLitPolicy() {
  const LIT_HTML = /[\\/]lit-html[\\/](?:development[\\/])?lit-html\.js$/;
  return {
    name: 'own-lit-policy',
    transform(code, id) {
      if (!LIT_HTML.test(id)) return null;
      const renamed = code.replace(/(createPolicy\()(["'])lit-html\2/, `$1"${LIT_POLICY}"`);
      if (renamed === code) this.error('Lit names its policy otherwise than expected.');
      return { code: renamed, map: null };
    },
  };
}

const plugins = [
  closedModules(),
  resolve({ browser: true, exportConditions: ['browser', 'production'] }),
  esbuild({ target: 'es2022', tsconfig: 'tsconfig.json' }),
];

const minified = [
  // Before terser, for the names of private fields: these are short and the same in every class.
  minify({ target: 'es2022', legalComments: 'none' }),
  terser({
    module: true,
    ecma: 2022,
    compress: {
      passes: 5,
      lhs_constants: false,
      // marked makes its rules by chains of calls that end in this one and do nothing else.
      pure_funcs: ({ expression }) => expression.property !== 'getRegex',
      sequences: false,
      unsafe_arrows: true,
    },
    format: { comments: false },
  }),
];

export default [
  {
    input: 'src/index.ts',
    output: {
      file: 'dist/ai-stream-chat.js',
      format: 'es',
      sourcemap: true,
      inlineDynamicImports: true,
    },
    plugins: [...plugins, ownLitPolicy(), (minifyLiterals.default ?? minifyLiterals)(), ...minified],
  },
  {
    input: 'src/core/markdown/markdown-worker.ts',
    // A classic script, so that every way of starting a worker runs it.
    output: { file: 'dist/markdown-worker.js', format: 'iife', sourcemap: true },
    plugins: [...plugins, ...minified],
  },
  {
    input: ['src/index.ts', 'src/message.ts', 'src/list.ts', 'src/core/index.ts'],
    output: {
      dir: 'dist/esm',
      format: 'es',
      sourcemap: true,
      preserveModules: true,
      preserveModulesRoot: 'src',
    },
    external: [/^lit(\/|$)/, /^@lit\//, /^marked$/, /^dompurify$/, /^eventsource-parser/],
    plugins,
  },
];
