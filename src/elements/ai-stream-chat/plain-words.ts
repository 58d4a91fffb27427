/** About what a reader sees of Markdown: without its marks and the addresses of its links. */
export function plainWords(markdown: string): string {
  return markdown
    .replaceAll(/```[^\n]*\n?/g, ' ')
    .replaceAll(/\]\([^()\s]*\)/g, '')
    .replaceAll(/[*_`#>|~[]+/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
