// virtua without a framework, in the order of operations of its own components.
import {
  ACTION_ITEMS_LENGTH_CHANGE,
  createContainerDriver,
  createListLayout,
  createVirtualStore,
  UPDATE_SCROLL_EVENT,
  UPDATE_SIZE_EVENT,
  UPDATE_VIRTUAL_STATE,
} from 'virtua/unstable_core';
import { createRow, grow } from '../lists/items.js';

/** Px that are mounted beyond the view on either side: a view, as the element has ahead. */
const BUFFER = 800;

export async function createList(host, given) {
  const scroller = document.createElement('div');
  scroller.className = 'list-scroller';
  scroller.style.cssText = 'contain: strict; overflow-anchor: none';
  const box = document.createElement('div');
  box.style.cssText =
    'contain: size style; overflow-anchor: none; flex: none; position: relative; width: 100%';
  scroller.append(box);
  host.append(scroller);
  let items = [...given];
  let isPinned = true;
  let isShifting = false;
  let isMounted = false;
  let isQueued = false;
  const layout = createListLayout(items.length);
  const store = createVirtualStore(layout);
  const driver = createContainerDriver(store, layout, false);
  const rows = new Map();

  function render() {
    store.$update(ACTION_ITEMS_LENGTH_CHANGE, items.length, isShifting);
    box.style.height = `${store.$getTotalSize()}px`;
    const [first, last] = store.$getRange(BUFFER);
    const keys = new Set();
    let previous;
    for (let index = first; index <= last; index += 1) {
      const item = items[index];
      keys.add(item.id);
      let row = rows.get(item.id);
      if (!row) {
        const element = document.createElement('div');
        element.style.cssText = 'contain: layout style; position: absolute; width: 100%; left: 0';
        element.append(createRow(item));
        row = { element, index: -1 };
        rows.set(item.id, row);
      }
      const { element } = row;
      element.style.top = `${store.$getItemOffset(index)}px`;
      element.style.visibility = layout.$isSizeEqual(index) ? 'hidden' : '';
      const place = previous ? previous.nextSibling : box.firstChild;
      if (place !== element) box.insertBefore(element, place);
      if (row.index !== index) {
        row.unobserve?.();
        row.unobserve = driver.$observeItem(element, index);
        row.index = index;
      }
      previous = element;
    }
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.unobserve();
      row.element.remove();
      rows.delete(key);
    }
    driver.$effect();
  }

  const scrollToEnd = () => {
    scroller.scrollTop = 1e9;
  };
  store.$subscribe(UPDATE_VIRTUAL_STATE, (isSync) => {
    if (isSync) render();
    else if (!isQueued) {
      isQueued = true;
      queueMicrotask(() => {
        isQueued = false;
        render();
      });
    }
  });
  store.$subscribe(UPDATE_SCROLL_EVENT, () => {
    const view = store.$getViewportSize();
    const size = Math.max(store.$getTotalSize(), view);
    if (isMounted) isPinned = store.$getScrollOffset() - size + view >= -1.5;
  });
  store.$subscribe(UPDATE_SIZE_EVENT, () => isMounted && isPinned && scrollToEnd());
  render();
  driver.$observe(box);
  isMounted = true;
  driver.$scroll(items.length - 1, { align: 'end' });
  return {
    scroller,
    grow: (item) => grow(item, rows.get(item.id)?.element.firstChild),
    prepend(more) {
      items = [...more, ...items];
      isShifting = true;
      render();
      isShifting = false;
    },
    goTo(index) {
      isPinned = false;
      driver.$scroll(index, { align: 'start' });
    },
    goToEnd() {
      isPinned = true;
      driver.$scroll(items.length - 1, { align: 'end' });
    },
  };
}
