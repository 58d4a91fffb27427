import { css } from 'lit';

/**
 * Looks of a message. Top margins only: a wrapper that layout may skip does not let margins collapse through it. No
 * rule asks for siblings where text streams: each node that comes would have others looked at again.
 */
export const messageStyles = css`
  :host {
    display: block;
    color: var(--ai-text, CanvasText);
    font: var(--ai-font, 1rem/1.55 system-ui, sans-serif);
    overflow-wrap: anywhere;
    unicode-bidi: isolate;
  }

  .first-content {
    display: none;
  }

  /* Nothing in it may paint over what stands around it. */
  .markdown {
    contain: content;
    overflow: clip;
    isolation: isolate;
  }

  .markdown.plain {
    white-space: pre-wrap;
  }

  .markdown.plain p,
  .markdown.plain [data-chunk] > p {
    margin: 0;
  }

  /* As those have which layout may skip: where it changes, counters in all of the document are counted again. */
  [data-chunk] {
    contain: style;
  }

  /* Long code and long text stand in stretches that are laid out by themselves. */
  span[data-chunk] {
    display: block;
  }

  .markdown :is(p, ul, ol, blockquote, h1, h2, h3, h4, h5, h6, hr, [data-chunk][part]) {
    margin: 0.75em 0 0;
    unicode-bidi: plaintext;
  }

  .markdown :is(li, th, td, summary) {
    unicode-bidi: plaintext;
  }

  .markdown > div:first-child > :first-child {
    margin-top: 0;
  }

  .markdown :is(li, blockquote) > [data-chunk]:first-child > :first-child {
    margin-top: 0;
  }

  .markdown :is(ul, ol) {
    padding-inline-start: 1.5em;
  }

  /* Room for three digits: what stands outside the box is clipped. */
  .markdown ol {
    padding-inline-start: 2.5em;
  }

  .markdown li {
    margin-top: 0.25em;
  }

  /* What is nested deeper than anybody can follow keeps the width that is left. */
  :is(ul, ol, blockquote)
    :is(ul, ol, blockquote)
    :is(ul, ol, blockquote)
    :is(ul, ol, blockquote)
    :is(ul, ol, blockquote)
    :is(ul, ol, blockquote)
    :is(ul, ol, blockquote)
    :is(ul, ol, blockquote) {
    border: 0;
    padding: 0 !important;
    list-style-position: inside;
  }

  .markdown li:has(> input, > p:first-child > input) {
    list-style: none;
    margin-inline-start: -1.4em;
  }

  h1,
  h2,
  h3,
  h4,
  h5,
  h6 {
    line-height: 1.25;
    font-weight: 650;
  }

  h1 {
    font-size: 1.5em;
  }

  h2 {
    font-size: 1.3em;
  }

  h3 {
    font-size: 1.15em;
  }

  h4,
  h5,
  h6 {
    font-size: 1em;
  }

  a:is([href], [role]) {
    color: var(--ai-accent, LinkText);
    text-decoration: underline;
    unicode-bidi: isolate;
    cursor: pointer;
  }

  blockquote {
    border-inline-start: 0.2em solid var(--ai-border, color-mix(in srgb, currentColor 20%, transparent));
    padding-inline-start: 0.9em;
    color: var(--ai-muted, color-mix(in srgb, currentColor 70%, transparent));
  }

  hr {
    border: 0;
    border-top: 1px solid var(--ai-border, color-mix(in srgb, currentColor 20%, transparent));
  }

  code,
  kbd {
    font: 0.9em/1.5 var(--ai-font-mono, ui-monospace, 'Cascadia Code', Menlo, Consolas, monospace);
    background: var(--ai-code-surface, color-mix(in srgb, currentColor 8%, transparent));
    border-radius: 0.3em;
    padding: 0.1em 0.3em;
    unicode-bidi: isolate;
  }

  [part='code'] {
    background: var(--ai-code-surface, color-mix(in srgb, currentColor 8%, transparent));
    border-radius: var(--ai-radius, 0.75rem);
    /* Code is written from left to right in any text. */
    direction: ltr;
    text-align: start;
    position: relative;
  }

  pre {
    margin: 0;
    padding: 0.8em 1em;
  }

  [part='code'] > pre {
    padding-top: 0.2em;
    /* As wide as its longest line, so that its padding scrolls with it. */
    inline-size: max-content;
    min-inline-size: 100%;
    box-sizing: border-box;
  }

  pre code {
    background: none;
    padding: 0;
    white-space: pre;
    overflow-wrap: normal;
  }

  span[part='math'] {
    display: inline;
  }

  [part='table'] {
    overflow-x: auto;
  }

  table {
    border-collapse: collapse;
    font-size: 0.95em;
  }

  th,
  td {
    border: 1px solid var(--ai-border, color-mix(in srgb, currentColor 20%, transparent));
    padding: 0.35em 0.7em;
    overflow-wrap: normal;
  }

  th {
    background: color-mix(in srgb, currentColor 5%, transparent);
    text-align: start;
  }

  :is(th, td)[align='left'] {
    text-align: left;
  }

  :is(th, td)[align='center'] {
    text-align: center;
  }

  :is(th, td)[align='right'] {
    text-align: right;
  }

  [part='image'] {
    color: var(--ai-muted, color-mix(in srgb, currentColor 70%, transparent));
    unicode-bidi: isolate;
  }

  a [part='image'] {
    color: inherit;
  }

  /* The model's own, where raw HTML is kept, must not look like these. */
  [part='reasoning'],
  [part='tool'] {
    margin: 0.5em 0;
    border: 1px solid var(--ai-border, color-mix(in srgb, currentColor 20%, transparent));
    border-radius: var(--ai-radius, 0.75rem);
    padding: 0.45em 0.8em;
    font-size: 0.92em;
  }

  summary {
    cursor: pointer;
    color: var(--ai-muted, color-mix(in srgb, currentColor 70%, transparent));
  }

  summary:focus-visible,
  [part='table']:focus-visible,
  a:focus-visible {
    outline: 2px solid var(--ai-accent, Highlight);
    outline-offset: 2px;
  }

  [part='tool'] > pre {
    white-space: pre-wrap;
    font: 0.9em/1.5 var(--ai-font-mono, ui-monospace, monospace);
    padding: 0.5em 0 0;
  }

  [part='tool'] > p {
    margin: 0.5em 0 0;
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  /* What is about to run may be long; the answers stay in reach. */
  [part='tool'] > pre:has(+ .answers) {
    max-block-size: 15em;
    overflow: auto;
  }

  .answers {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
    margin-block-start: 0.5em;
  }

  :is(.answers > *, .undo) {
    font: inherit;
    color: inherit;
    cursor: pointer;
    min-block-size: 2.25rem;
    border: 1px solid var(--ai-border, color-mix(in srgb, currentColor 20%, transparent));
    border-radius: calc(var(--ai-radius, 0.75rem) * 0.75);
    background: transparent;
    padding: 0.25rem 0.8rem;
  }

  [part='sources'] {
    margin: 0.75em 0 0;
    padding-inline-start: 1.5em;
    font-size: 0.9em;
  }

  [part='error'] {
    margin: 0.5em 0 0;
    color: var(--ai-danger, light-dark(#b3261e, #ffb4ab));
  }

  /* Its first line stands from the beginning, or a row would get shorter for a moment when the first part comes. */
  .pending {
    min-block-size: 1lh;
  }

  :host([streaming]) .pending:empty::after {
    content: '';
    display: inline-block;
    inline-size: 0.5em;
    block-size: 0.5em;
    border-radius: 50%;
    background: currentColor;
    opacity: 0.5;
    animation: pulse 1s ease-in-out infinite alternate;
  }

  @keyframes pulse {
    to {
      opacity: 0.15;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    :host([streaming]) .pending:empty::after {
      animation: none;
    }
  }

  @media print {
    [data-chunk] {
      content-visibility: visible !important;
    }
  }
`;
