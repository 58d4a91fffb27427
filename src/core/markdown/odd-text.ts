/**
 * What no reader can see but a model can write or be told by: controls (all but tab and line feed), and the tag
 * characters, which stay in a flag (`emoji_tag_sequence` of UTS #51, 1.4.8) and are dropped everywhere else.
 */
const HIDDEN =
  /(\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,7}\u{E007F})|[\u{E0000}-\u{E007F}]|(?![\t\n])\p{Cc}/gu;

/** A variation selector changes the character before it, so of several in a row only the first means anything. */
const REPEATED_SELECTORS = /(\p{Variation_Selector})\p{Variation_Selector}+/gu;

/**
 * As many marks as a letter may bear (UAX #15, Stream-Safe Text Format). The time that layout takes for one letter
 * grows by their square, and what they paint goes over everything around.
 */
const EXCESS_MARKS = /(\p{M}{30})\p{M}+/gu;

const TRAILING_MARKS = /\p{M}{1,30}$/u;

/** What cannot be told from its start: a line end, a flag, half of a surrogate pair. */
const UNDECIDED = /(?:\r|\u{1F3F4}[\u{E0020}-\u{E007E}]{0,7}[\uD800-\uDBFF]?|[\uD800-\uDBFF])$/u;

const PLAIN = /^[\t\n -~]*$/;

function withoutExcessMarks(text: string): string {
  return text.replaceAll(REPEATED_SELECTORS, '$1').replaceAll(EXCESS_MARKS, '$1');
}

/** A text without the characters that hide something or break the page, as every reader gets to see it. */
export function withoutOddText(text: string): string {
  return PLAIN.test(text) ? text : withoutExcessMarks(text.replaceAll(HIDDEN, '$1'));
}

/** Takes a text in pieces, cut anywhere, and gives it with `\n` for every line end and without odd characters. */
export function createTextCleaner() {
  /** The end of what has come, which the next piece decides. At most ten characters. */
  let held = '';
  /** The marks at the end of what was given. */
  let marks = '';

  function clean(text: string): string {
    const cleaned = withoutExcessMarks(marks + text.replaceAll(/\r\n?/g, '\n').replaceAll(HIDDEN, '$1'));
    const given = cleaned.slice(marks.length);
    if (given !== '') marks = TRAILING_MARKS.exec(cleaned)?.[0] ?? '';
    return given;
  }

  return {
    push(piece: string): string {
      const text = held + piece;
      held = UNDECIDED.exec(text)?.[0] ?? '';
      return clean(text.slice(0, text.length - held.length));
    },
    /** What is left when no more is to come. */
    end(): string {
      const rest = held;
      held = '';
      return clean(rest);
    },
  };
}

/** A whole text as `createTextCleaner` gives it. */
export function cleanText(text: string): string {
  const cleaner = createTextCleaner();
  return cleaner.push(text) + cleaner.end();
}

/**
 * Code with its bidirectional controls made visible, as compilers spell them: they let code read as something else
 * than it is (Trojan Source, CVE-2021-42574).
 */
export function withVisibleControls(code: string): string {
  return code.replaceAll(
    /\p{Bidi_Control}/gu,
    (control) => `<U+${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`,
  );
}
