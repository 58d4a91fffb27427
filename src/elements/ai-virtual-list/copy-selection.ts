import type { RowKeeper } from './row-keeper.js';
import type { RowRenderer } from './row-renderer.js';

export interface CopySelectionOptions {
  readonly rows: RowRenderer;
  readonly keeper: RowKeeper;
  readonly textOf: (index: number) => string;
}

/**
 * Copies a selection that spans rows which are not mounted: the whole text of every row it touches. What is mounted
 * throughout is the browser's to copy.
 */
export function copySelection(event: ClipboardEvent, { rows, keeper, textOf }: CopySelectionOptions): void {
  const { selected } = keeper;
  if (!selected || event.defaultPrevented || !event.clipboardData) return;
  const { first, last } = selected;
  const indexes = Array.from({ length: last - first }, (_, offset) => first + offset);
  if (indexes.every((index) => rows.at(index))) return;
  event.clipboardData.setData('text/plain', indexes.map(textOf).join('\n\n'));
  event.preventDefault();
}
