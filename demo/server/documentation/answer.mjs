import { leadingBlocks } from './documentation.mjs';
import { wordsOf } from './search.mjs';

/** @typedef {import('./documentation.mjs').Section} Section */
/** @typedef {import('./search.mjs').Hit} Hit */

/** Said with every answer, so that nobody takes the search for more than it is. */
export const DISCLAIMER =
  '*This answer is a search over the documentation of this project, not a language model.*';

/** Sections quoted in a short answer, and how much of each, in characters. */
const SHORT_SECTIONS = 2;
const SHORT_SECTION_LENGTH = 1_400;
/** Sections quoted in a long answer. */
const LONG_SECTIONS = 40;

/** @param {string} question */
export function wantsLongAnswer(question) {
  return (
    /\b(?:long|longest|lengthy|everything|in full|all of it)\b/i.test(question) ||
    /\b(?:show|give|write|with|some|many|several|more)\b.*\b(?:tables?|code)\b/i.test(question)
  );
}

/** @param {Section} section */
const titleOf = (section) => section.headings.at(-1) ?? section.file;

/** @param {string} text */
const inCell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {readonly string[]} head @param {readonly (readonly (string | number)[])[]} rows */
function table(head, rows) {
  const line = (/** @type {readonly (string | number)[]} */ cells) =>
    `| ${cells.map((cell) => inCell(String(cell))).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {Section} section @param {string} text */
const quoted = (section, text) => `### ${titleOf(section)}\n\n\`${section.file}\`\n\n${text}`;

/**
 * What is said when no section fits.
 *
 * @param {readonly Section[]} sections
 * @returns {string} markdown
 */
export function nothingFoundAnswer(sections) {
  if (sections.length === 0) {
    return (
      'There is no documentation to search yet: `README.md` and `docs/` hold no text.\n\n' +
      'You can still ask me to **fill in a form**, for example: “Fill the form: my name is Example Guest, ' +
      `guest@example.com, tomorrow, 4 people.”\n\n${DISCLAIMER}`
    );
  }
  const titles = [...new Set(sections.map(titleOf))].slice(0, 12);
  return (
    'I found nothing about that. The documentation speaks of:\n\n' +
    `${titles.map((title) => `- ${title}`).join('\n')}\n\n` +
    'You can also ask me to show everything, or to fill in a form.\n\n' +
    DISCLAIMER
  );
}

/**
 * The sections that fit best, quoted.
 *
 * @param {readonly Hit[]} hits the best first, at least one
 * @returns {string} markdown
 */
export function shortAnswer(hits) {
  const parts = hits
    .slice(0, SHORT_SECTIONS)
    .map(({ section }) => quoted(section, leadingBlocks(section.text, SHORT_SECTION_LENGTH)));
  const others = hits.slice(SHORT_SECTIONS, SHORT_SECTIONS + 4);
  if (others.length > 0) {
    const lines = others.map(({ section }) => `- ${section.headings.join(' › ')} (\`${section.file}\`)`);
    parts.push(`**Also about this**\n\n${lines.join('\n')}`);
  }
  return [...parts, DISCLAIMER].join('\n\n');
}

/** @param {readonly Section[]} sections */
function fileTable(sections) {
  const files = [...new Set(sections.map(({ file }) => file))];
  return table(
    ['File', 'Sections', 'Words', 'Code blocks'],
    files.map((file) => {
      const own = sections.filter((section) => section.file === file);
      const text = own.map((section) => section.text).join('\n');
      return [
        file,
        own.length,
        text.split(/\s+/).length,
        Math.floor((text.match(/^```/gm) ?? []).length / 2),
      ];
    }),
  );
}

/** @param {string} question */
function howToAsk(question) {
  const body = JSON.stringify({ messages: [{ role: 'user', content: question }], stream: true }, null, 2);
  const inShell = body.replaceAll("'", String.raw`'\''`);
  return [
    'From a terminal:',
    `\`\`\`sh\ncurl -N http://127.0.0.1:8787/api/chat \\\n  -H 'content-type: application/json' \\\n  -d '${inShell}'\n\`\`\``,
    'From a page:',
    '```html\n<script type="module" src="/dist/ai-stream-chat.js"></script>\n<ai-stream-chat src="/api/chat"></ai-stream-chat>\n```',
  ].join('\n\n');
}

/**
 * Everything that fits, in full, with tables of what was found and where.
 *
 * @param {string} question
 * @param {readonly Hit[]} hits the best first
 * @param {readonly Section[]} sections all of them; taken in order when nothing fits better
 * @returns {string} markdown
 */
export function longAnswer(question, hits, sections) {
  const shown = (hits.length > 0 ? hits : sections.map((section) => ({ section, score: 0 }))).slice(
    0,
    LONG_SECTIONS,
  );
  const found = table(
    ['#', 'Section', 'File', 'Fit'],
    shown.map(({ section, score }, index) => [
      index + 1,
      section.headings.join(' › '),
      section.file,
      score.toFixed(2),
    ]),
  );
  const words = new Map();
  for (const word of shown.flatMap(({ section }) => wordsOf(section.text)))
    words.set(word, (words.get(word) ?? 0) + 1);
  const frequent = [...words].toSorted(([, one], [, other]) => other - one).slice(0, 10);
  return [
    '# The long answer',
    DISCLAIMER,
    '## What was found',
    found,
    '## The files',
    fileTable(sections),
    '## The words that come up most',
    table(['Word', 'Times'], frequent),
    '## The sections',
    ...shown.map(({ section }) => quoted(section, section.text)),
    '## Ask the same by hand',
    howToAsk(question),
    '## In short',
    shown.map(({ section }, index) => `${index + 1}. ${section.headings.join(' › ')}`).join('\n'),
    DISCLAIMER,
  ].join('\n\n');
}
