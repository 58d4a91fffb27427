import { css } from 'lit';

/** The host is the scroller; its rows are slotted between two spacers. */
export const listStyles = css`
  :host {
    display: block;
    block-size: 100%;
    overflow-y: auto;
    overflow-x: hidden;
    /* The list keeps the reader in place itself, in every engine; two hands on one wheel would fight. */
    overflow-anchor: none;
    overscroll-behavior: contain;
    contain: strict;
  }

  :host([hidden]) {
    display: none;
  }

  ::slotted(*) {
    display: flow-root;
    contain: layout style;
  }
`;
