/**
 * Text as it stands in an HTML file, without the indent its lines have in common and without the blank lines
 * around it: four spaces of indent would make it code.
 */
export function withoutIndent(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  while (lines.length > 0 && lines[0]?.trim() === '') lines.shift();
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common)).join('\n');
}
