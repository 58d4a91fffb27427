/** What a token of source code is. Each kind has a color, `--ai-code-<kind>`; what has none is plain. */
export const TOKEN_KINDS = [
  'comment',
  'keyword',
  'string',
  'number',
  'function',
  'name',
  'inserted',
  'deleted',
] as const;

export type TokenKind = (typeof TOKEN_KINDS)[number];

/** Numbers to a token in a flat list: its start and end in UTF-16 units, and the index of its kind in `TOKEN_KINDS`. */
export const NUMBERS_PER_TOKEN = 3;
