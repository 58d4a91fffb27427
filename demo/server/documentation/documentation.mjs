import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A stretch of a document from one heading to the next.
 *
 * @typedef {object} Section
 * @property {string} file relative to the project, with `/`
 * @property {readonly string[]} headings the heading, after those it stands under
 * @property {string} text markdown below the heading
 */

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/;

/**
 * Splits markdown at its headings. A `#` inside a code block is no heading.
 *
 * @param {string} markdown
 * @param {string} file
 * @returns {Section[]} those with text
 */
export function splitSections(markdown, file) {
  /** @type {Section[]} */
  const sections = [];
  /** @type {string[]} */
  let headings = [];
  /** @type {string[]} */
  let lines = [];
  let fence = '';
  const close = () => {
    const text = lines.join('\n').trim();
    if (text) sections.push({ file, headings: headings.filter(Boolean), text });
    lines = [];
  };
  for (const line of markdown.split(/\r?\n/)) {
    const mark = FENCE.exec(line)?.[1] ?? '';
    const heading = fence ? null : HEADING.exec(line);
    if (heading) {
      close();
      const [, hashes = '', title = ''] = heading;
      headings = [...headings.slice(0, hashes.length - 1), title.replaceAll(/[`*]/g, '')];
    } else {
      lines.push(line);
      if (!fence) fence = mark;
      else if (mark.startsWith(fence)) fence = '';
    }
  }
  close();
  return sections;
}

/**
 * The first blocks of a section, as many as fit. A code block or a table is never cut.
 *
 * @param {string} markdown
 * @param {number} limit characters; the first block is given even when it is longer
 * @returns {string}
 */
export function leadingBlocks(markdown, limit) {
  let end = 0;
  let position = 0;
  let fence = '';
  for (const line of markdown.split('\n')) {
    const mark = FENCE.exec(line)?.[1] ?? '';
    if (line.trim() === '' && !fence) {
      if (end > 0 && position > limit) break;
      end = position;
    }
    if (!fence) fence = mark;
    else if (mark.startsWith(fence)) fence = '';
    position += line.length + 1;
  }
  if (position - 1 <= limit || end === 0) return markdown;
  return markdown.slice(0, end).trimEnd();
}

/** @param {string} folder @returns {Promise<string[]>} */
async function markdownFilesBelow(folder) {
  try {
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => name.endsWith('.md'))
      .toSorted()
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/**
 * Reads the documentation of a project: `README.md` and every `.md` below `docs`. What is missing is left out.
 *
 * @param {string} root
 * @returns {Promise<Section[]>}
 */
export async function loadDocumentation(root) {
  const files = [path.join(root, 'README.md'), ...(await markdownFilesBelow(path.join(root, 'docs')))];
  const sections = await Promise.all(
    files.map(async (file) => {
      const name = path.relative(root, file).split(path.sep).join('/');
      return splitSections(await readFile(file, 'utf8').catch(() => ''), name);
    }),
  );
  return sections.flat();
}
