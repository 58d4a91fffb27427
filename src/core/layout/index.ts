export type {
  IndexRange,
  ItemPosition,
  LayoutView,
  ListChange,
  ListLayout,
  MountedRows,
  PhysicalPosition,
} from './layout.js';
export { diffItems, indexAfter, replaceBetween } from './item-diff.js';
export { createListLayout, INITIAL_ESTIMATE, MAX_CONTENT_SIZE, MAX_OVERSCAN_ROWS } from './list-layout.js';
export {
  createPagedItems,
  FAILED,
  type ItemSource,
  MAX_PAGES,
  PAGE_SIZE,
  type PagedItems,
  type PageListener,
  PENDING,
} from './paged-items.js';
export { createSizeIndex, type SizeIndex } from './size-index.js';
