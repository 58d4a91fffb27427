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

  /* Placed where the scroll position must stay within reach. */
  .strut {
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 0;
    block-size: 100%;
    inline-size: 1px;
    visibility: hidden;
    pointer-events: none;
  }

  /* Not "contain: layout style": Chromium 156 then leaves rows unpainted when the scroll position and the spacer
     change together in a scroller that is not composited. */
  ::slotted(*) {
    display: flow-root;
    contain: layout;
  }

  /* In the place of its spacer, which takes no notice of it. */
  ::slotted([data-away]) {
    position: absolute;
    inset-inline: 0;
  }

  /* A whole px within the view, so that the browser scrolls nowhere when it gets the focus. Takes up none. */
  .guide {
    position: sticky;
    inset-block: 1px;
    block-size: 1px;
    margin-block-end: -1px;
    outline: none;
  }

  .guide[hidden] {
    display: none;
  }

  @media print {
    :host {
      contain: none;
      overflow: visible;
      block-size: auto;
    }

    ::slotted([data-away]) {
      position: static;
    }

    [part='spacer'],
    .guide,
    .strut {
      display: none;
    }
  }
`;
