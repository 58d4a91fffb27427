import './elements/ai-virtual-list/ai-virtual-list.define.js';

export {
  AiVirtualListElement,
  type ListPin,
  type ScrollToIndexOptions,
} from './elements/ai-virtual-list/ai-virtual-list.js';
export type { ScrollAlign } from './elements/ai-virtual-list/scroll-position.js';
export type { ItemSource } from './core/index.js';
export {
  LoadErrorEvent,
  PinChangeEvent,
  RangeChangeEvent,
  ReachEndEvent,
  ReachStartEvent,
  type ListEventMap,
  type ListRange,
} from './elements/shared/events/list-events.js';
