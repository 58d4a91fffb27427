import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NUMBERS_PER_TOKEN, TOKEN_KINDS } from '../../../../src/core/markdown/highlight/token-kind.js';
import { createTokenizer } from '../../../../src/core/markdown/highlight/tokenizer.js';
import { chooseSeed, createRandom, type Random } from '../support.js';

/** Tokens as `kind:text`. */
function describeTokens(source: string, tokens: readonly number[], offset = 0): string[] {
  const described: string[] = [];
  for (let at = 0; at < tokens.length; at += NUMBERS_PER_TOKEN) {
    const [start = 0, end = 0, kind = 0] = tokens.slice(at, at + NUMBERS_PER_TOKEN);
    described.push(`${TOKEN_KINDS[kind]}:${source.slice(offset + start, offset + end)}`);
  }
  return described;
}

function tokenize(language: string, source: string): string[] {
  const tokenizer = createTokenizer(language);
  assert.ok(tokenizer, language);
  return describeTokens(source, tokenizer.next(source));
}

const SAMPLES: Record<string, { source: string; tokens: string[] }> = {
  ts: {
    source: "const answer = call(42, 'a\\'b', `x\n${y}`); // why\n/* a\n b */ return nullable;\n",
    tokens: [
      'keyword:const',
      'function:call',
      'number:42',
      "string:'a\\'b'",
      'string:`x\n${y}`',
      'comment:// why\n/* a\n b */',
      'keyword:return',
    ],
  },
  rust: {
    source: "fn first<'a>(x: &'a str) -> char { 'c' }\n",
    tokens: ['keyword:fn', 'keyword:char', "string:'c'"],
  },
  c: {
    source: '#include <stdio.h>\nint main(void) { return 0x1F; }\n',
    tokens: [
      'keyword:#include',
      'keyword:int',
      'function:main',
      'keyword:void',
      'keyword:return',
      'number:0x1F',
    ],
  },
  python: {
    source: 'def f(x):\n    """Doc\n    "more" """\n    return x  # end\n',
    tokens: ['keyword:def', 'function:f', 'string:"""Doc\n    "more" """', 'keyword:return', 'comment:# end'],
  },
  lua: {
    source: '--[[ a\nb ]] local x = "s" -- c\n',
    tokens: ['comment:--[[ a\nb ]]', 'keyword:local', 'string:"s"', 'comment:-- c'],
  },
  bash: {
    source: '# note\nexport A="b\n c" && echo $A # x\ngit log --oneline a#b\n',
    tokens: ['comment:# note', 'keyword:export', 'string:"b\n c"', 'keyword:echo', 'name:$A', 'comment:# x'],
  },
  SQL: {
    source: "select count(*) FROM users -- all\nwhere name = 'o''x';\n",
    tokens: [
      'keyword:select',
      'function:count',
      'keyword:FROM',
      'comment:-- all',
      'keyword:where',
      "string:'o''x'",
    ],
  },
  json: {
    source: '{"a": [1, -2.5e3, true], "b": "c"}\n',
    tokens: ['name:"a"', 'number:1', 'number:-2.5e3', 'keyword:true', 'name:"b"', 'string:"c"'],
  },
  yaml: {
    source: '# c\nname: "x"\nlist:\n  - key: 12 # y\n    on: true\n',
    tokens: [
      'comment:# c',
      'name:name',
      'string:"x"',
      'name:list',
      'name:key',
      'number:12',
      'comment:# y',
      'name:on',
      'keyword:true',
    ],
  },
  css: {
    source: '@media print { a:hover { color: #fff; margin: -1.5em calc(1px) !important; } }\n',
    tokens: [
      'keyword:@media',
      'name:color',
      'number:#fff',
      'name:margin',
      'number:-1.5em',
      'function:calc',
      'number:1px',
      'keyword:!important',
    ],
  },
  html: {
    source: '<!-- a\n--><a href="x" hidden\n  title=\'y\'>3 &lt; 4</a>\n',
    tokens: [
      'comment:<!-- a\n-->',
      'keyword:<a',
      'name:href',
      'string:"x"',
      'name:hidden',
      'name:title',
      "string:'y'",
      'keyword:>',
      'number:&lt;',
      'keyword:</a>',
    ],
  },
  diff: {
    source: '--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n',
    tokens: ['comment:--- a\n+++ b', 'keyword:@@ -1 +1 @@', 'deleted:-old', 'inserted:+new'],
  },
};

const LINES = Object.values(SAMPLES)
  .flatMap(({ source }) => source.split('\n'))
  .concat('', ' ', '"', "'", '`', '/*', '*/', '"""', '<!--', '-->', '\\', '<a', '--[[');

function randomSource(random: Random): string {
  return Array.from({ length: random.integer(1, 20) }, () => `${random.pick(LINES)}\n`).join('');
}

/** Whether each place is inside a token, and of which kind; tokens may be cut differently, colors may not. */
function colors(source: string, pieces: readonly string[], language: string): (number | undefined)[] {
  const tokenizer = createTokenizer(language);
  const result: (number | undefined)[] = Array.from({ length: source.length });
  let offset = 0;
  for (const piece of pieces) {
    const tokens = tokenizer?.next(piece) ?? [];
    for (let at = 0; at < tokens.length; at += NUMBERS_PER_TOKEN) {
      const [start = 0, end = 0, kind] = tokens.slice(at, at + NUMBERS_PER_TOKEN);
      assert.ok(start < end && end <= piece.length, `${language}: ${JSON.stringify(piece)}`);
      for (let place = start; place < end; place += 1) {
        if (piece[place] !== '\n' && piece[place] !== ' ') result[offset + place] = kind;
      }
    }
    offset += piece.length;
  }
  return result;
}

describe('a tokenizer', () => {
  for (const [language, { source, tokens }] of Object.entries(SAMPLES)) {
    it(`tells apart what a reader of ${language} does`, () => {
      assert.deepEqual(tokenize(language, source), tokens);
    });
  }

  it('knows nothing about a language it has no grammar for', () => {
    assert.equal(createTokenizer('brainfuck'), undefined);
    assert.equal(createTokenizer(''), undefined);
    assert.equal(createTokenizer('__proto__'), undefined);
  });

  it('gives the same colors for lines that come one by one as for all of them', () => {
    const random = createRandom(chooseSeed());
    for (let run = 0; run < 2000; run += 1) {
      const source = randomSource(random);
      const language = random.pick(Object.keys(SAMPLES));
      const byLine = source.match(/.*\n/g) ?? [];
      assert.deepEqual(
        colors(source, byLine, language),
        colors(source, [source], language),
        `${language}: ${JSON.stringify(source)}`,
      );
    }
  });

  it('takes the longest line of hostile text in bounded steps', () => {
    // Each line repeats what opens something, so a rule that looks back or ahead without a limit would not return.
    for (const language of Object.keys(SAMPLES)) {
      for (const unit of [
        '"',
        "'",
        '`',
        '/*',
        '<',
        '<!--',
        '- ',
        '--[[',
        'a.',
        '\\"',
        '{',
        '#',
        '1e',
        '"a" ',
      ]) {
        const source = `${unit.repeat(500_000 / unit.length)}\n`;
        createTokenizer(language)?.next(source + source);
      }
    }
  });

  it('leaves what stands far behind in a long line plain', () => {
    const tokens = createTokenizer('js')?.next(`${'return '.repeat(1000)}\nreturn\n`) ?? [];
    assert.ok((tokens.at(-NUMBERS_PER_TOKEN - 2) ?? 0) <= 2000);
    assert.equal(tokens.at(-2), 7007);
  });
});
