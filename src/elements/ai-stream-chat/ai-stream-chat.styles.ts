import { css } from 'lit';

export const chatStyles = css`
  :host {
    --ai-_surface: var(--ai-surface, light-dark(#fff, #1b1b1f));
    --ai-_text: var(--ai-text, light-dark(#1b1b1f, #e6e1e9));
    --ai-_muted: var(--ai-muted, light-dark(#5d5b66, #b0adb8));
    --ai-_accent: var(--ai-accent, light-dark(#3b5bdb, #a5b8ff));
    --ai-_on-accent: var(--ai-on-accent, light-dark(#fff, #101a45));
    --ai-_border: var(--ai-border, light-dark(#d9d7e0, #3b3942));
    --ai-_danger: var(--ai-danger, light-dark(#b3261e, #ffb4ab));
    --ai-_user-surface: var(--ai-user-surface, light-dark(#e9edff, #2c3358));
    --ai-_radius: var(--ai-radius, 0.75rem);
    --ai-_gap: var(--ai-gap, 0.75rem);
    display: block;
    /* A page that says nothing gets a usable size; one that says something wins. */
    block-size: 36rem;
    max-block-size: 100dvh;
    color: var(--ai-_text);
    font: var(--ai-font, 1rem/1.55 system-ui, sans-serif);
  }

  :host([hidden]) {
    display: none;
  }

  .panel {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto auto;
    block-size: 100%;
    box-sizing: border-box;
    background: var(--ai-_surface);
    border: 1px solid var(--ai-_border);
    border-radius: var(--ai-_radius);
    overflow: clip;
  }

  header {
    padding: 0.6rem 1rem;
    border-block-end: 1px solid var(--ai-_border);
    font-weight: 650;
  }

  .body {
    position: relative;
    display: grid;
    min-block-size: 0;
  }

  ai-virtual-list {
    grid-area: 1 / 1;
    min-block-size: 0;
    block-size: 100%;
  }

  .welcome {
    grid-area: 1 / 1;
    /* Above the list, which is a stacking context of its own. */
    position: relative;
    place-self: center;
    max-inline-size: 32rem;
    padding: 1rem;
    text-align: center;
    color: var(--ai-_muted);
  }

  .welcome[hidden] {
    display: none;
  }

  .row {
    padding: calc(var(--ai-_gap) / 2) 1rem;
    max-inline-size: var(--ai-message-max, 48rem);
    margin-inline: auto;
  }

  ai-stream-message {
    --ai-text: var(--ai-_text);
    --ai-muted: var(--ai-_muted);
    --ai-accent: var(--ai-_accent);
    --ai-border: var(--ai-_border);
    --ai-danger: var(--ai-_danger);
  }

  .row.user {
    display: flex;
    justify-content: flex-end;
  }

  .row.user ai-stream-message {
    background: var(--ai-_user-surface);
    border-radius: var(--ai-_radius);
    padding: 0.5rem 0.9rem;
    max-inline-size: 85%;
  }

  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
    margin-block-start: 0.5rem;
    color: var(--ai-_danger);
  }

  .search {
    position: absolute;
    inset-block-start: 0.5rem;
    inset-inline-end: 1rem;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0.25rem 0.5rem;
    font-size: 0.875em;
    color: var(--ai-_muted);
    background: var(--ai-_surface);
    border: 1px solid var(--ai-_border);
    border-radius: calc(var(--ai-_radius) * 0.75);
  }

  .search input {
    font: inherit;
    color: var(--ai-_text);
    background: transparent;
    border: 0;
    min-block-size: 1.5rem;
  }

  ai-stream-message::highlight(ai-found) {
    background: Mark;
    color: MarkText;
  }

  .notice.earlier {
    position: absolute;
    inset-block-start: 0.5rem;
    inset-inline: 0;
    margin: auto;
    inline-size: max-content;
    max-inline-size: 90%;
    padding: 0.25rem 0.8rem;
    background: var(--ai-_surface);
    border: 1px solid var(--ai-_border);
    border-radius: var(--ai-_radius);
  }

  .notice.quiet {
    color: var(--ai-_muted);
  }

  .notice p {
    margin: 0;
    overflow-wrap: anywhere;
  }

  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
    min-block-size: 2.25rem;
    border: 1px solid var(--ai-_border);
    border-radius: calc(var(--ai-_radius) * 0.75);
    background: var(--ai-_surface);
    padding: 0.25rem 0.8rem;
  }

  button:hover {
    border-color: currentColor;
  }

  button:focus-visible,
  textarea:focus-visible {
    outline: 2px solid var(--ai-_accent);
    outline-offset: 1px;
  }

  button:disabled {
    cursor: default;
    opacity: 0.5;
  }

  [hidden] {
    display: none !important;
  }

  .starters {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 0.5rem;
    margin-block-start: 1rem;
  }

  .to-end {
    position: absolute;
    inset-block-end: 0.75rem;
    inset-inline: 0;
    margin-inline: auto;
    inline-size: max-content;
    box-shadow: 0 2px 8px rgb(0 0 0 / 15%);
  }

  form {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    gap: 0.5rem;
    padding: 0.6rem;
    border-block-start: 1px solid var(--ai-_border);
  }

  .waiting {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
    flex-basis: 100%;
    margin: 0;
    color: var(--ai-_muted);
    font-size: 0.875em;
  }

  textarea {
    flex: 1;
    min-inline-size: 0;
    box-sizing: border-box;
    field-sizing: content;
    min-block-size: 2.5rem;
    max-block-size: 12rem;
    resize: none;
    font: inherit;
    color: inherit;
    background: transparent;
    border: 1px solid var(--ai-_border);
    border-radius: calc(var(--ai-_radius) * 0.75);
    padding: 0.45rem 0.7rem;
  }

  textarea::placeholder {
    color: var(--ai-_muted);
  }

  .send {
    background: var(--ai-_accent);
    border-color: var(--ai-_accent);
    color: var(--ai-_on-accent);
  }

  .send,
  .stop {
    min-block-size: 2.5rem;
  }

  @media print {
    :host,
    .panel,
    .body,
    ai-virtual-list {
      display: block;
      block-size: auto;
      max-block-size: none;
      overflow: visible;
    }

    form,
    .to-end {
      display: none;
    }
  }

  .announcer {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
