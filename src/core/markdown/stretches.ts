/**
 * Where the stretch of a long text that starts at `from` ends: behind the first line end that is at least `shortest`
 * away, or, where a line is longer than `longest`, in the middle of it; undefined while it is open. Lengths are UTF-16
 * units. What follows the end has no say in it.
 */
export function endOfStretch(
  text: string,
  from: number,
  shortest: number,
  longest: number,
): number | undefined {
  const lineEnd = text.indexOf('\n', from + shortest) + 1;
  if (lineEnd > 0 && lineEnd <= from + longest) return lineEnd;
  const end = from + longest;
  if (end >= text.length) return undefined;
  return isInsideCharacter(text, end) ? end + 1 : end;
}

/** Whether a place is between the two halves of a character outside of the basic plane. */
export function isInsideCharacter(text: string, index: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(index - 1, index + 1));
}
