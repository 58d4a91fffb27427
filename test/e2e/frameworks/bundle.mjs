// The forms of this folder as pages have them: each with its framework, in one script.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compile } from 'svelte/compiler';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const svelte = {
  name: 'svelte',
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      return { contents: compile(source, { filename: file, generate: 'client' }).js.code };
    });
  },
};

const ENTRIES = { react: 'react-form.jsx', vue: 'vue-form.js', svelte: 'svelte-form.js' };

/** The frameworks there are forms of. */
export const FRAMEWORKS = Object.keys(ENTRIES);

/** The script of the page that a framework has put together; its form stands in `#app`. */
export async function bundleForm(framework) {
  const { outputFiles } = await build({
    entryPoints: [path.join(FOLDER, ENTRIES[framework])],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    conditions: ['browser', 'production'],
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    plugins: [svelte],
    logLevel: 'error',
  });
  return outputFiles[0].text;
}
