import { css } from 'lit';
import { frameRoot } from './frame-root.js';

const styles = css`
  div {
    overflow: auto;
    padding: 0.8em 1em;
  }

  :empty:not(slot),
  .rendered:not(:empty) ~ slot {
    display: none;
  }
`;

/** Makes room for the page's rendering of math. Its source is shown while there is none. */
export function frameMath(wrapper: Element): void {
  const rendered = document.createElement(wrapper.localName === 'span' ? 'span' : 'div');
  rendered.className = 'rendered';
  frameRoot(wrapper, styles).replaceChildren(rendered, document.createElement('slot'));
}
