import { isTyping } from './reader-gestures.js';
import type { RowKeeper } from './row-keeper.js';
import type { RowRenderer } from './row-renderer.js';

/** What is copied, and where its text comes from. */
export interface CopySelectionOptions {
  readonly rows: RowRenderer;
  readonly keeper: RowKeeper;
  /** Empty for an item that is not here. */
  readonly textOf: (index: number) => string;
}

/**
 * Copies a selection within the list that spans rows which are not mounted: the whole text of every row it touches.
 * What is mounted throughout, or goes beyond the list, is the browser's to copy. With the focus in the list, the keys
 * that select everything select the list.
 */
export function watchSelection(host: HTMLElement, options: CopySelectionOptions, signal: AbortSignal): void {
  host.addEventListener('keydown', (event) => selectAll(event, host), { signal });
  // The browser copies from the node that has the focus, which need not be in the list.
  host.ownerDocument.addEventListener('copy', (event) => copySelection(event, options), { signal });
}

function selectAll(event: KeyboardEvent, host: HTMLElement): void {
  const { key, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event;
  if (key.toLowerCase() !== 'a' || ctrlKey === metaKey || shiftKey || altKey) return;
  const { parentNode } = host;
  if (defaultPrevented || isTyping(event) || !parentNode) return;
  event.preventDefault();
  // Around the list: its children are other ones after the next scroll.
  const index = [...parentNode.childNodes].indexOf(host);
  host.ownerDocument.getSelection()?.setBaseAndExtent(parentNode, index, parentNode, index + 1);
}

function copySelection(event: ClipboardEvent, { rows, keeper, textOf }: CopySelectionOptions): void {
  if (event.defaultPrevented || !event.clipboardData || isTyping(event)) return;
  const { selected } = keeper;
  if (!selected || !keeper.holdsSelection) return;
  const { first, last } = selected;
  const indexes = Array.from({ length: last - first }, (_, offset) => first + offset);
  if (indexes.every((index) => rows.at(index))) return;
  const texts = indexes.map(textOf).filter((text) => text !== '');
  event.clipboardData.setData('text/plain', texts.join('\n\n'));
  event.preventDefault();
}
