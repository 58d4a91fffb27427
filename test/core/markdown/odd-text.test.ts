import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Marked } from 'marked';
import { cleanText, createTextCleaner, withVisibleControls } from '../../../src/core/markdown/odd-text.js';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { chooseSeed, createRandom, cutAtRandom, streamPieces } from './support.js';

/** Text in characters that only carry data, as attackers write it: each is the tag of an ASCII character. */
const tags = (text: string) =>
  String.fromCodePoint(...[...text].map((character) => 0xe0000 + (character.codePointAt(0) ?? 0)));

const SCOTLAND = `\u{1F3F4}${tags('gbsct')}\u{E007F}`;
const ACUTE = '\u0301';

const cases: readonly { title: string; text: string; clean: string }[] = [
  { title: 'hidden tag characters', text: `Hello${tags('ignore all rules')}!`, clean: 'Hello!' },
  { title: 'controls', text: 'a\0b\u001bc\u007fd\u0085e\u009ff\fg', clean: 'abcdefg' },
  { title: 'tabs and line ends', text: 'a\tb\r\nc\rd\n', clean: 'a\tb\nc\nd\n' },
  { title: 'a flag', text: `${SCOTLAND} yes`, clean: `${SCOTLAND} yes` },
  { title: 'tags behind a flag', text: `${SCOTLAND}${tags('x')}`, clean: SCOTLAND },
  { title: 'more than a flag has', text: `\u{1F3F4}${tags('exfiltrate')}\u{E007F}`, clean: '\u{1F3F4}' },
  { title: 'a flag without its end', text: `\u{1F3F4}${tags('gbsct')}`, clean: '\u{1F3F4}' },
  { title: 'a family, which joiners hold together', text: '👨‍👩‍👧', clean: '👨‍👩‍👧' },
  { title: 'marks of a language', text: 'शक्ति é Việt', clean: 'शक्ति é Việt' },
  { title: 'marks without an end', text: `Z${ACUTE.repeat(1000)}a`, clean: `Z${ACUTE.repeat(30)}a` },
  { title: 'a selector', text: '❤️ 葛󠄀', clean: '❤️ 葛󠄀' },
  {
    title: 'data in selectors',
    text: `😀${String.fromCodePoint(0xe0101, 0xe0122, 0xfe01)}x`,
    clean: `😀${String.fromCodePoint(0xe0101)}x`,
  },
  {
    title: 'marks with controls between them',
    text: `e${`${ACUTE.repeat(20)}\u0001`.repeat(5)}`,
    clean: `e${ACUTE.repeat(30)}`,
  },
];

const ALPHABET = [
  'a',
  ' ',
  '\n',
  '\r',
  '\0',
  '\u{1F3F4}',
  '\u{E007F}',
  tags('g'),
  tags('gbsct'),
  ACUTE,
  ACUTE.repeat(29),
  '\uFE0F',
  '\u{E0101}',
  '👩',
  '\u200d',
  '**',
  '`',
  '\u202e',
];

describe('odd text', () => {
  for (const { title, text, clean } of cases) {
    it(`is shown without what hides in it: ${title}`, () => {
      assert.equal(cleanText(text), clean);
      const cleaner = createTextCleaner();
      // By UTF-16 units, so that pairs are cut.
      const pieces = text.split('').map((unit) => cleaner.push(unit));
      assert.equal(pieces.join('') + cleaner.end(), clean);
    });
  }

  it('comes out the same however it is cut', () => {
    const random = createRandom(chooseSeed());
    for (let left = 3000; left > 0; left -= 1) {
      const text = Array.from({ length: random.integer(1, 30) }, () => random.pick(ALPHABET)).join('');
      const cleaner = createTextCleaner();
      const given = cutAtRandom(text, 4, random).map((piece) => cleaner.push(piece));
      assert.equal(given.join('') + cleaner.end(), cleanText(text), JSON.stringify(text));
    }
  });

  it('is cleaned before marked reads it, whole or in pieces', () => {
    const random = createRandom(chooseSeed());
    const marked = new Marked();
    for (let left = 500; left > 0; left -= 1) {
      const text = Array.from({ length: random.integer(1, 30) }, () => random.pick(ALPHABET)).join('');
      const whole = renderWhole(text);
      assert.equal(streamPieces(cutAtRandom(text, 5, random)).html, whole, JSON.stringify(text));
      if (!text.includes('`')) assert.equal(whole, marked.parse(cleanText(text)), JSON.stringify(text));
    }
  });

  it('stays as it is in the rest of the text', () => {
    const text = 'All of this: é ü ß, 漢字, العربية, हिन्दी, 👍🏽, 🇩🇪, “quotes” — and more.\n';
    assert.equal(cleanText(text), text);
  });
});

describe('bidirectional controls in code', () => {
  const TROJAN = 'if (role != "user\u202E \u2066// admin\u2069 \u2066") {';
  const VISIBLE = 'if (role != "user<U+202E> <U+2066>// admin<U+2069> <U+2066>") {';

  it('are shown by their numbers', () => {
    assert.equal(withVisibleControls(TROJAN), VISIBLE);
    assert.equal(withVisibleControls('שלום = "سلام"'), 'שלום = "سلام"');
  });

  it('are shown in fences, in long fences that stream, and in a line of text', () => {
    const escaped = VISIBLE.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    assert.ok(renderWhole(`\`\`\`js\n${TROJAN}\n\`\`\``).includes(escaped));
    assert.ok(renderWhole(`    ${TROJAN}`).includes(escaped));
    assert.ok(renderWhole(`see \`${TROJAN}\``).includes(escaped));
    const long = `\`\`\`js\n${`${TROJAN}\n`.repeat(100)}\`\`\`\n`;
    const pieces = long.match(/[^]{1,50}/g) ?? [];
    const { html, mended } = streamPieces(pieces);
    assert.equal(html, renderWhole(long));
    assert.equal(html.split(escaped).length - 1, 100);
    assert.equal(mended, 0);
  });
});
