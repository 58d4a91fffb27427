import { css } from 'lit';

/** Looks of the question before a link. */
export const linkDialogStyles = css`
  dialog {
    box-sizing: border-box;
    inline-size: min(32rem, 100vw - 2rem);
    max-block-size: calc(100dvh - 2rem);
    padding: 1.25rem;
    border: 1px solid var(--ai-_border, var(--ai-border, color-mix(in srgb, currentColor 20%, transparent)));
    border-radius: var(--ai-radius, 0.75rem);
    background: var(--ai-_surface, var(--ai-surface, Canvas));
    color: var(--ai-_text, var(--ai-text, CanvasText));
    font: var(--ai-font, 1rem/1.55 system-ui, sans-serif);
    text-align: start;
    overflow-wrap: anywhere;
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 50%);
  }

  h2 {
    margin: 0;
    font-size: 1em;
    font-weight: 650;
  }

  [part='link-host'] {
    margin: 0.5rem 0 0;
    font-size: 1.5em;
    font-weight: 650;
    line-height: 1.25;
    unicode-bidi: isolate;
  }

  ul {
    margin: 0.75rem 0 0;
    padding-inline-start: 1.25em;
    color: var(--ai-_danger, var(--ai-danger, light-dark(#b3261e, #ffb4ab)));
  }

  ul[hidden] {
    display: none;
  }

  [part='link-address'] {
    margin-block: 0.75rem 1.25rem;
    padding: 0.5em 0.75em;
    max-block-size: 5lh;
    overflow: auto;
    border-radius: 0.4em;
    background: color-mix(in srgb, currentColor 8%, transparent);
    font: 0.9em/1.5 var(--ai-font-mono, ui-monospace, 'Cascadia Code', Menlo, Consolas, monospace);
    unicode-bidi: isolate;
  }

  .buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.5rem;
  }

  button {
    min-block-size: 2.5rem;
    padding: 0 1rem;
    border: 1px solid currentColor;
    border-radius: 0.4em;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  button:hover {
    background: color-mix(in srgb, currentColor 12%, transparent);
  }

  :is(button, [part='link-address']):focus-visible {
    outline: 2px solid var(--ai-accent, Highlight);
    outline-offset: 2px;
  }

  .status {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
