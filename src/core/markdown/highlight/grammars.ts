import type { TokenKind } from './token-kind.js';

/**
 * What is looked for in a line: the kind of what is found (`word` is told apart by its spelling, `plain` is passed
 * over), a regular expression that takes time linear in what it takes, and the mode that goes on behind it.
 */
export type Rule = readonly [kind: TokenKind | 'word' | 'plain', pattern: string, next?: string];

/** How one family of languages is written. Each line starts in the mode in which the one before ended. */
export interface Grammar {
  /** The first mode is that of the first line. */
  readonly modes: Readonly<Record<string, readonly Rule[]>>;
  readonly keywords?: ReadonlySet<string>;
  /** Keywords are written in either case. */
  readonly ignoresCase?: boolean;
}

const NUMBER: Rule = ['number', String.raw`\b\d(?:[eEpP][+-]|[\w.])*`];
const WORD: Rule = ['word', String.raw`[\p{L}_$@][\p{L}\d_$]*`];
const DOUBLE_QUOTED: Rule = ['string', String.raw`"(?:[^"\\]|\\.)*"?`];
const SINGLE_QUOTED: Rule = ['string', String.raw`'(?:[^'\\]|\\.)*'?`];
const HASH_COMMENT: Rule = ['comment', String.raw`(?<!\S)#.*`];

/** A mode that ends with `close`, wherever that comes. */
function until(kind: TokenKind, close: string): readonly Rule[] {
  return [
    [kind, `.*?${close}`, 'code'],
    [kind, '.+'],
  ];
}

/** Rules for what may run over lines: on its first line it either ends or begins a mode. */
function spanning(kind: TokenKind, open: string, close: string, mode: string): readonly Rule[] {
  return [
    [kind, `${open}.*?${close}`],
    [kind, `${open}.*`, mode],
  ];
}

const BLOCK_COMMENT = spanning('comment', String.raw`/\*`, String.raw`\*/`, 'comment');
const IN_BLOCK_COMMENT = until('comment', String.raw`\*/`);
const CLOSING_BACKTICK = '(?<!\\\\)`';
const CLOSING_QUOTE = String.raw`(?<!\\)"`;

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** Of all languages that are read alike: one that uses another's keyword as a name gets a color too many, not a wrong one. */
const KEYWORDS = words(
  'abstract and as async await begin bool boolean break byte case catch char class const constexpr continue def default ' +
    'defer del delete do double elif else elsif end enum except export extends extern false False final finally float fn ' +
    'for foreach from fun func function global go goto guard if impl implements import in include inline instanceof int ' +
    'interface internal is lambda let local long loop match mod module mut namespace new nil None nonlocal not null or ' +
    'override package pass private protected pub public raise range readonly ref require rescue return self short signed ' +
    'sizeof static string struct super switch template then this throw throws trait true True try type typedef typeof ' +
    'undefined unless unsafe unsigned until use using val var virtual void when where while with yield',
);

const SHELL_KEYWORDS = words(
  'if then else elif fi for while until do done case esac in function return exit export local set unset source alias ' +
    'echo cd sudo eval exec trap FROM RUN CMD COPY ENV ARG WORKDIR ENTRYPOINT EXPOSE',
);

const SQL_KEYWORDS = words(
  'add all alter and as asc between by case check column commit constraint create cross database default delete desc ' +
    'distinct drop else end exists false foreign from full group having if in index inner insert into is join key left ' +
    'like limit not null offset on or order outer over partition primary references returning right rollback select set ' +
    'table then transaction true union unique update using values view when where with bigint boolean date decimal int ' +
    'integer text timestamp varchar',
);

function braces(singleQuoted: string): Grammar {
  return {
    modes: {
      code: [
        ['comment', '//.*'],
        ...BLOCK_COMMENT,
        DOUBLE_QUOTED,
        ['string', singleQuoted],
        ...spanning('string', '`', CLOSING_BACKTICK, 'raw'),
        ['keyword', String.raw`^\s*#\s*\w+`],
        NUMBER,
        WORD,
      ],
      comment: IN_BLOCK_COMMENT,
      raw: until('string', CLOSING_BACKTICK),
    },
    keywords: KEYWORDS,
  };
}

const SCRIPT: Grammar = {
  modes: {
    code: [
      ['comment', '#.*'],
      ...spanning('string', '"""', '"""', 'double'),
      ...spanning('string', "'''", "'''", 'single'),
      DOUBLE_QUOTED,
      SINGLE_QUOTED,
      NUMBER,
      WORD,
    ],
    double: until('string', '"""'),
    single: until('string', "'''"),
  },
  keywords: KEYWORDS,
};

const LUA: Grammar = {
  modes: {
    code: [
      ...spanning('comment', String.raw`--\[\[`, String.raw`\]\]`, 'comment'),
      ['comment', '--.*'],
      DOUBLE_QUOTED,
      SINGLE_QUOTED,
      NUMBER,
      WORD,
    ],
    comment: until('comment', String.raw`\]\]`),
  },
  keywords: KEYWORDS,
};

const SHELL: Grammar = {
  modes: {
    code: [
      HASH_COMMENT,
      ...spanning('string', '"', CLOSING_QUOTE, 'double'),
      ...spanning('string', "'", "'", 'single'),
      ['name', String.raw`\$(?:\w+|\{[^}]*\}?)`],
      ['plain', String.raw`--?[\w-]+`],
      ['word', String.raw`[A-Za-z_][\w-]*`],
    ],
    double: until('string', CLOSING_QUOTE),
    single: until('string', "'"),
  },
  keywords: SHELL_KEYWORDS,
};

const SQL: Grammar = {
  modes: {
    code: [
      ['comment', '--.*'],
      ...BLOCK_COMMENT,
      ['string', "'[^']*'?"],
      ['name', '"[^"]*"?|`[^`]*`?'],
      NUMBER,
      WORD,
    ],
    comment: IN_BLOCK_COMMENT,
  },
  keywords: SQL_KEYWORDS,
  ignoresCase: true,
};

const JSON_GRAMMAR: Grammar = {
  modes: {
    code: [
      ['name', String.raw`"(?:[^"\\]|\\.)*"(?=\s*:)`],
      DOUBLE_QUOTED,
      ['comment', '//.*'],
      ...BLOCK_COMMENT,
      ['number', String.raw`-?\b\d[\d.eE+-]*`],
      WORD,
    ],
    comment: IN_BLOCK_COMMENT,
  },
  keywords: words('true false null'),
};

const SETTINGS: Grammar = {
  modes: {
    code: [
      ['comment', String.raw`(?<!\S)[#;].*`],
      ['keyword', String.raw`^\s*\[.*\]`],
      // At the start of a line, behind the dashes of a list or an opening brace.
      ['name', String.raw`(?<=^[\s{-]*)["\w][\w."/-]*(?=\s*[:=])`],
      DOUBLE_QUOTED,
      ['string', String.raw`(?<!\w)'[^']*'?`],
      NUMBER,
      ['word', String.raw`[\w.-]+`],
    ],
  },
  keywords: words('true false null yes no on off'),
  ignoresCase: true,
};

const CSS_GRAMMAR: Grammar = {
  modes: {
    code: [
      ...BLOCK_COMMENT,
      ['comment', String.raw`(?<!\S)//.*`],
      DOUBLE_QUOTED,
      SINGLE_QUOTED,
      ['keyword', String.raw`@[\w-]+|!\w+`],
      ['number', String.raw`#[\da-fA-F]{3,8}\b|-?(?:\d*\.)?\d+(?:%|[a-z]+)?`],
      ['name', String.raw`[-\w$]+(?=\s*:(?!:|\w))`],
      ['word', String.raw`-*[A-Za-z_][\w-]*`],
    ],
    comment: IN_BLOCK_COMMENT,
  },
};

const MARKUP: Grammar = {
  modes: {
    code: [
      ...spanning('comment', '<!--', '-->', 'comment'),
      ['keyword', String.raw`</?[A-Za-z][\w:.-]*`, 'tag'],
      ['comment', '<[!?].*?>'],
      ['number', String.raw`&#?\w+;`],
    ],
    comment: until('comment', '-->'),
    tag: [
      ['keyword', '/?>', 'code'],
      ['string', `"[^"]*"?|'[^']*'?`],
      ['name', String.raw`[^\s"'>/=]+`],
    ],
  },
};

const DIFF: Grammar = {
  modes: {
    code: [
      ['keyword', '^@@.*'],
      ['comment', String.raw`^(?:\+\+\+|---|diff|index|\\).*`],
      ['inserted', String.raw`^\+.*`],
      ['deleted', '^-.*'],
      ['plain', '.+'],
    ],
  },
};

const LANGUAGES: readonly (readonly [names: string, Grammar])[] = [
  // One character between quotes, or it is a lifetime.
  ['rust rs', braces(String.raw`'(?:[^'\\]|\\[^']+)'`)],
  [
    'js javascript jsx mjs ts typescript tsx java c h cpp c++ cs csharp c# go golang kotlin kt swift php dart scala ' +
      'groovy gradle objectivec solidity zig proto protobuf glsl graphql',
    braces(String.raw`'(?:[^'\\]|\\.)*'`),
  ],
  ['python py ruby rb julia elixir perl r nim coffeescript', SCRIPT],
  ['lua haskell', LUA],
  ['sh bash zsh shell console fish dockerfile makefile powershell', SHELL],
  ['sql mysql postgres postgresql plsql sqlite', SQL],
  ['json jsonc json5 jsonl', JSON_GRAMMAR],
  ['yaml yml toml ini properties env nginx', SETTINGS],
  ['css scss less', CSS_GRAMMAR],
  ['html xml svg vue svelte', MARKUP],
  ['diff patch', DIFF],
];

const GRAMMARS: ReadonlyMap<string, Grammar> = new Map(
  LANGUAGES.flatMap(([names, grammar]) => names.split(' ').map((name) => [name, grammar] as const)),
);

/** The grammar for a language by any of its usual names, in either case. */
export function findGrammar(language: string): Grammar | undefined {
  return GRAMMARS.get(language.toLowerCase());
}
