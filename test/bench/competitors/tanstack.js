// @tanstack/virtual-core with the options of its guide for chats; its rows are put into the DOM by hand.
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { createRow, estimateSize, grow } from '../lists/items.js';

/** Rounds of mounting, measuring, and mounting what that leaves room for. */
const MAX_ROUNDS = 4;

export async function createList(host, given) {
  const scroller = document.createElement('div');
  scroller.className = 'list-scroller';
  scroller.style.cssText = 'overflow-anchor: none; overscroll-behavior: none; contain: strict';
  const box = document.createElement('div');
  box.style.cssText = 'position: relative; width: 100%';
  scroller.append(box);
  host.append(scroller);
  let items = [...given];
  let getItemKey = (index) => items[index].id;
  let isRendering = false;
  const rows = new Map();
  const options = () => ({
    count: items.length,
    getScrollElement: () => scroller,
    estimateSize: (index) => estimateSize(items[index]),
    getItemKey,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 2,
    overscan: 6,
    onChange: render,
  });
  const virtualizer = new Virtualizer(options());

  /** Mounts what is asked for. Returns the rows that are new. */
  function mount() {
    const wanted = virtualizer.getVirtualItems();
    const keys = new Set();
    const added = [];
    box.style.height = `${virtualizer.getTotalSize()}px`;
    let previous;
    for (const { key, index, start } of wanted) {
      keys.add(key);
      let row = rows.get(key);
      if (!row) {
        row = document.createElement('div');
        row.style.cssText = 'position: absolute; top: 0; left: 0; width: 100%';
        row.append(createRow(items[index]));
        rows.set(key, row);
        added.push(row);
      }
      if (row.dataset.index !== String(index)) row.dataset.index = index;
      const transform = `translateY(${start}px)`;
      if (row.style.transform !== transform) row.style.transform = transform;
      const place = previous ? previous.nextSibling : box.firstChild;
      if (place !== row) box.insertBefore(row, place);
      previous = row;
    }
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    return added;
  }

  function render() {
    if (isRendering) return;
    isRendering = true;
    virtualizer._willUpdate();
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const added = mount();
      if (added.length === 0) break;
      for (const row of added) virtualizer.measureElement(row);
      virtualizer.measureElement(null);
    }
    isRendering = false;
    virtualizer._willUpdate();
  }

  virtualizer._didMount();
  render();
  virtualizer.scrollToEnd();
  render();
  return {
    scroller,
    grow: (item) => grow(item, rows.get(item.id)?.firstChild),
    prepend(more) {
      items = [...more, ...items];
      getItemKey = (index) => items[index].id;
      virtualizer.setOptions(options());
      render();
    },
    goTo: (index) => virtualizer.scrollToIndex(index, { align: 'start' }),
    goToEnd: () => virtualizer.scrollToEnd(),
  };
}
