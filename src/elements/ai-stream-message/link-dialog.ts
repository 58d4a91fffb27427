import { adoptStyles, html, nothing, render, type TemplateResult } from 'lit';
import type { Strings } from '../../core/index.js';
import { copyText } from './copy-text.js';
import { linkDialogStyles } from './link-dialog.styles.js';
import { linkWarnings, siteOf } from './link-facts.js';

/** A link that a reader wants to follow. */
export interface LinkQuestion {
  readonly url: URL;
  /** What the link says of itself. */
  readonly text: string;
  /** Follows it. */
  readonly open: () => void;
}

export interface LinkDialogOptions {
  /** Where the dialog goes. */
  readonly root: () => DocumentFragment | HTMLElement;
  readonly strings: () => Strings;
}

/** Asks before a link of the model's is followed, and says where it leads. In the page only while it is open. */
export class LinkDialog {
  readonly #options: LinkDialogOptions;

  constructor(options: LinkDialogOptions) {
    this.#options = options;
  }

  ask(question: LinkQuestion): void {
    const host = document.createElement('div');
    host.setAttribute('exportparts', 'link-dialog, link-host, link-address');
    const root = host.attachShadow({ mode: 'open' });
    adoptStyles(root, [linkDialogStyles]);
    render(this.#template(question, false), root);
    this.#options.root().append(host);
    const dialog = root.querySelector('dialog');
    dialog?.addEventListener('close', () => host.remove());
    dialog?.addEventListener('click', async (event) => {
      const button = event.composedPath().find((node) => node instanceof HTMLButtonElement);
      switch (button?.value) {
        case 'open':
          dialog.close();
          question.open();
          break;
        case 'copy':
          if (await copyText(question.url.href, button)) render(this.#template(question, true), root);
          break;
        case 'cancel':
          dialog.close();
          break;
        default:
      }
    });
    dialog?.showModal();
  }

  #template({ url, text }: LinkQuestion, isCopied: boolean): TemplateResult {
    const strings = this.#options.strings();
    const warnings = linkWarnings(url, text, strings);
    return html`<dialog
      part="link-dialog"
      aria-labelledby="question"
      aria-describedby="host warnings"
      closedby="any"
    >
      <h2 id="question">${strings.linkQuestion}</h2>
      <p id="host" part="link-host" dir="ltr">${siteOf(url)}</p>
      <ul id="warnings" ?hidden=${warnings.length === 0}>
        ${warnings.map((warning) => html`<li>${warning}</li>`)}
      </ul>
      <div part="link-address" role="group" aria-label=${strings.linkAddress} tabindex="0" dir="ltr">
        ${url.href}
      </div>
      <div class="buttons">
        <button type="button" value="cancel" autofocus>${strings.cancel}</button>
        <button type="button" value="copy">${isCopied ? strings.copied : strings.copyAddress}</button>
        <button type="button" value="open">${strings.open}</button>
      </div>
      <span class="status" role="status">${isCopied ? strings.copied : nothing}</span>
    </dialog>`;
  }
}
