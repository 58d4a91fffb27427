import { adoptStyles, css, html, render } from 'lit';

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

/** What stands in the place of math: the page's rendering of it, or its source while there is none. */
export class MathFrame {
  /** For the page to fill. */
  readonly rendered: HTMLElement;

  constructor(wrapper: HTMLElement) {
    this.rendered = document.createElement(wrapper.localName === 'span' ? 'span' : 'div');
    this.rendered.className = 'rendered';
    const root = wrapper.shadowRoot ?? wrapper.attachShadow({ mode: 'open' });
    adoptStyles(root, [styles]);
    render(html`${this.rendered}<slot></slot>`, root);
  }

  /** It has no texts. */
  update(): void {}
}
