/**
 * What cannot be seen, or told from a space, or changes the order of what can be seen: controls, format characters, half
 * pairs, private use, other spaces and the empty Braille pattern.
 */
const UNSEEN = /(?![\t\n \u3000])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}\u2800\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A text with all that a reader could not see in it as `<U+202E>`, for what a user is to judge: what is shown is then
 * what is there, and nothing else.
 */
export function visibleText(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (sign) => `<U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`,
  );
}
