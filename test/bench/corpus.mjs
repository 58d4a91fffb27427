// Texts to stream: mixed documents out of the packages this project depends on, and single giant blocks.
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../node_modules/', import.meta.url);

/** Documentation as it is written, but for images: the page that streams it must make no request. */
function documents() {
  const folders = readdirSync(root).flatMap((name) =>
    name.startsWith('@') ? readdirSync(new URL(name, root)).map((inner) => `${name}/${inner}`) : [name],
  );
  const texts = [];
  for (const folder of folders.toSorted()) {
    try {
      const text = readFileSync(new URL(`${folder}/README.md`, root), 'utf8').replaceAll('\r\n', '\n');
      if (text.length < 1500 || /^\s*</m.test(text.slice(0, 500))) continue;
      texts.push(text.replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, '$1').trimEnd());
    } catch {
      // Not every package has one.
    }
  }
  return texts;
}

const fill = (start, line, size) => start + line.repeat(Math.ceil(size / line.length));

const KINDS = {
  mixed(size) {
    const texts = documents();
    let text = '';
    for (let index = 0; text.length < size; index += 1) text += `${texts[index % texts.length]}\n\n`;
    return text;
  },
  /** As a model writes: no definitions, no raw HTML. */
  answer: (size) =>
    fill(
      '',
      [
        '## A heading\n',
        'Some **bold** text and a [link](https://example.com) with `code` in it, long enough to be a paragraph that',
        'goes over several lines, as they do.\n',
        '- one item\n- another with *emphasis*\n  - nested\n',
        '```js\nconst answer = 42;\nconsole.log(answer);\n```\n',
        '1. first\n2. second\n\n',
      ].join('\n'),
      size,
    ),
  'tables-lists': (size) =>
    fill(
      '',
      `${'- an item with *text* and `code`\n'.repeat(12)}\n| name | value |\n|---|--:|\n${'| some *text* | 12 |\n'.repeat(12)}\n`,
      size,
    ),
  fence: (size) => fill('```js\n', 'const a = [1, 2];\nif (a < 2) b();\n', size),
  list: (size) => fill('', '- an item with *text* and `code`\n', size),
  table: (size) =>
    fill(
      '| name | what it is | value |\n|---|---|--:|\n',
      '| `name` | some *text* that says what this is, about as long as in a table of a document | 12 |\n',
      size,
    ),
  paragraph: (size) => fill('', 'Some words with **bold text** and `code` in it, and more. ', size),
  quote: (size) => fill('', '> a quote with *text*, and\n> more of it\n>\n', size),
  'fence-in-item': (size) => fill('1. item\n\n   ```js\n', '   const a = 1;\n', size),
  details: (size) => fill('<details>\n\n', 'some <b>text</b>\n\n- item\n\n', size),
};

export const kinds = Object.keys(KINDS);

/** A text of a kind, at least `size` UTF-16 units long. */
export function corpus(kind, size) {
  return KINDS[kind](size);
}
