import { css } from 'lit';

/** Looks of what stands in the place of an image. */
export const imageFrameStyles = css`
  .words {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.6em;
    padding: 0.1em 0.5em;
    border: 1px dashed var(--ai-border, color-mix(in srgb, currentColor 35%, transparent));
    border-radius: 0.4em;
  }

  .host {
    font: 0.85em var(--ai-font-mono, ui-monospace, monospace);
    unicode-bidi: isolate;
  }

  button {
    min-block-size: 24px;
    padding: 0;
    border: 0;
    background: none;
    color: var(--ai-accent, LinkText);
    font: inherit;
    text-decoration: underline;
    cursor: pointer;
  }

  button:focus-visible {
    outline: 2px solid var(--ai-accent, Highlight);
    outline-offset: -1px;
  }

  img {
    max-inline-size: 100%;
    block-size: auto;
    border-radius: 0.4em;
    vertical-align: bottom;
  }

  img:focus {
    outline: none;
  }

  @media print {
    button {
      display: none;
    }
  }
`;
