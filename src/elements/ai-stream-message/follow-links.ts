import { LinkOpenEvent } from '../shared/events/stream-events.js';
import { linkTarget } from './content-policy.js';
import type { LinkDialog } from './link-dialog.js';

export interface FollowLinksOptions {
  /** Where the links stand. */
  readonly root: () => Node;
  readonly messageId: () => string;
  readonly dialog: () => LinkDialog;
}

/** A link, and where it leads. */
interface Target {
  readonly link: HTMLAnchorElement;
  readonly url: URL;
  /** The reader is asked first. */
  readonly asks: boolean;
}

/**
 * Follows the links of a message, by mouse and keyboard. A link that asks first has no `href`, so what the browser
 * does for links is done here.
 */
export function followLinks(host: HTMLElement, { root, messageId, dialog }: FollowLinksOptions): void {
  function targetOf(event: Event): Target | undefined {
    const link = event
      .composedPath()
      .find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
    if (!link || event.defaultPrevented || !root().contains(link)) return undefined;
    const url = linkTarget(link);
    return url && { link, url, asks: !link.hasAttribute('href') };
  }

  function isWanted({ url }: Target): boolean {
    return host.dispatchEvent(new LinkOpenEvent({ url: url.href, messageId: messageId() }));
  }

  function ask({ link, url }: Target, openLink: () => void): void {
    dialog().ask({
      url,
      text: link.textContent ?? '',
      open: () => {
        // Now the reader knows where it leads, and it is a link as any other.
        link.setAttribute('href', url.href);
        openLink();
      },
    });
  }

  function follow(event: Event): void {
    const target = targetOf(event);
    if (!target) return;
    event.preventDefault();
    if (!isWanted(target)) return;
    if (target.asks) ask(target, () => open(target));
    else open(target);
  }

  host.addEventListener('click', (event) => {
    // Whoever drags over the words of a link wants the words.
    if (event.detail === 0 || !hasSelection()) follow(event);
  });
  // The middle button opens a link, too.
  host.addEventListener('auxclick', (event) => {
    if (event.button === 1) follow(event);
  });
  host.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && targetOf(event)?.asks) follow(event);
  });
  // The browser's own menu offers nothing for a link without an address. The dialog copies and opens it.
  host.addEventListener('contextmenu', (event) => {
    const target = targetOf(event);
    if (!target?.asks || hasSelection()) return;
    event.preventDefault();
    ask(target, () => {
      if (isWanted(target)) open(target);
    });
  });
}

function hasSelection(): boolean {
  return String(getSelection()) !== '';
}

function open({ url }: Target): void {
  window.open(url, '_blank', 'noopener,noreferrer');
}
