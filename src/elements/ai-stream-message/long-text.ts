import { plainPieces } from '../../core/index.js';

/** UTF-16 units of text in one node from which on it is laid out in pieces. */
export const LONGEST_TEXT = 4608;

/**
 * Puts text that is long, and came as a whole, into pieces that are laid out by themselves, as what streams in is:
 * layout of one line takes time by the square of its length.
 */
export function breakLongText(fragment: DocumentFragment): void {
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const long: Text[] = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text instanceof Text && text.length > LONGEST_TEXT) long.push(text);
  }
  for (const text of long) text.replaceWith(...textPieces(text.data));
}

/** Long text in elements that only group, each of which is laid out by itself. */
export function textPieces(text: string): HTMLElement[] {
  return plainPieces(text).map((piece) => {
    const wrapper = document.createElement('span');
    wrapper.setAttribute('data-chunk', '');
    wrapper.append(piece);
    return wrapper;
  });
}
