import { adoptStyles, html, nothing, render, type TemplateResult } from 'lit';
import type { ContentPolicy } from './content-policy.js';
import { imageFrameStyles } from './image-frame.styles.js';
import { originalOf } from './originals.js';

/** Characters of an image that an answer brings along. */
const MAX_DATA_LENGTH = 32_768;
const RASTER_DATA = /^data:image\/(?:avif|bmp|gif|jpeg|png|webp)[;,]/i;

/** The address of an image, or undefined where it has none that may be loaded. */
function imageAddress(image: Element): URL | undefined {
  const address = image.getAttribute('src');
  if (!address || !URL.canParse(address, document.baseURI)) return undefined;
  const url = new URL(address, document.baseURI);
  if (url.protocol === 'data:') {
    return RASTER_DATA.test(url.href) && url.href.length <= MAX_DATA_LENGTH ? url : undefined;
  }
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

/**
 * An image of an allowed origin, as an address in this page. A redirect is an error: it could lead anywhere, with all
 * that stands in the address.
 */
async function fetchImage(url: URL): Promise<string> {
  const response = await fetch(url, {
    redirect: 'error',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
  });
  if (!response.ok) throw new Error(`The image was answered with status ${response.status}.`);
  return URL.createObjectURL(await response.blob());
}

const frames = new WeakMap<Element, ImageFrame>();

/**
 * What stands in the place of an image: its words, where it comes from, and a button that loads it. As the header of
 * code it lives in a shadow root of its own (docs/decisions/0014), where nothing the model writes can stand.
 */
class ImageFrame {
  readonly #element: HTMLElement;
  readonly #policy: () => ContentPolicy;
  /** Where it comes from, if that is an address that may be loaded. */
  readonly #url: URL | undefined;
  readonly #root: ShadowRoot;
  /** The address that is shown. */
  #shown: string | undefined;

  constructor(element: HTMLElement, url: URL | undefined, policy: () => ContentPolicy) {
    this.#element = element;
    this.#policy = policy;
    this.#url = url;
    this.#root = element.attachShadow({ mode: 'open' });
    adoptStyles(this.#root, [imageFrameStyles]);
    this.render();
    if (url && policy().imageOrigins.has(url.origin)) void this.#load(url);
  }

  render(): void {
    render(this.#shown === undefined ? this.#placeholder() : this.#image(this.#shown), this.#root);
  }

  async #load(url: URL): Promise<void> {
    try {
      this.#show(await fetchImage(url));
    } catch {
      // The browser has said in the console why. The reader has the words, and may load it all the same.
    }
  }

  #show(address: string | undefined): void {
    if (this.#shown?.startsWith('blob:')) URL.revokeObjectURL(this.#shown);
    this.#shown = address;
    this.render();
  }

  #placeholder(): TemplateResult {
    const { strings } = this.#policy();
    const url = this.#url;
    const host = url?.host ? html`<span class="host" dir="ltr">${url.host}</span>` : nothing;
    const label = `${strings.showImage}: ${this.#element.textContent}`;
    // A button inside of a link would be two answers to one click.
    const button =
      url && !this.#element.closest('a')
        ? html`<button type="button" aria-label=${label} @click=${this.#showByHand}>
            ${strings.showImage}
          </button>`
        : nothing;
    return html`<span class="words"><slot></slot> ${host} ${button}</span>`;
  }

  #image(address: string): TemplateResult {
    return html`<img
      alt=${this.#element.textContent ?? ''}
      tabindex="-1"
      referrerpolicy="no-referrer"
      src=${address}
      @error=${() => this.#show(undefined)}
    />`;
  }

  readonly #showByHand = (): void => {
    this.#show(this.#url?.href);
    // The button has gone, and the focus must not fall to the page.
    this.#root.querySelector('img')?.focus({ preventScroll: true });
  };
}

/** Gives the placeholder of an image its frame. */
export function frameImage(element: HTMLElement, policy: () => ContentPolicy): void {
  const image = originalOf(element);
  if (image && !frames.has(element))
    frames.set(element, new ImageFrame(element, imageAddress(image), policy));
}

/** Shows the frames of images in `root` anew, for texts that have changed. */
export function refreshImages(root: Element): void {
  for (const element of root.querySelectorAll('[part="image"]')) frames.get(element)?.render();
}
