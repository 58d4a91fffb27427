import { css } from 'lit';

/** Looks of what stands around a block of code. Its surface belongs to the part `code`. */
export const codeFrameStyles = css`
  .header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1em;
    padding: 0.3em 0.4em 0 1em;
    font-size: 0.8em;
    color: var(--ai-muted, color-mix(in srgb, currentColor 75%, transparent));
    user-select: none;
  }

  #language {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  button {
    flex: none;
    min-block-size: 24px;
    padding: 0.15em 0.7em;
    border: 0;
    border-radius: 0.4em;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  button:hover {
    background: color-mix(in srgb, currentColor 12%, transparent);
  }

  :is(button, .scroller):focus-visible {
    outline: 2px solid var(--ai-accent, Highlight);
    outline-offset: -2px;
  }

  .status {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .rendered {
    padding: 0.8em 1em;
    overflow-x: auto;
  }

  .rendered:empty,
  .rendered:not(:empty) ~ .scroller {
    display: none;
  }

  .scroller {
    overflow-x: auto;
  }

  @media print {
    button {
      display: none;
    }
  }
`;
