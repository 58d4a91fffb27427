// The lists that are compared, each pinned to its end.
import { createRow, estimateSize, grow } from './items.js';

/** Every row in the document, and the end followed by hand. */
function createPlain(host, given) {
  const scroller = document.createElement('div');
  scroller.className = 'list-scroller';
  const content = document.createElement('div');
  scroller.append(content);
  host.append(scroller);
  const rowsOf = (items) => {
    const rows = document.createDocumentFragment();
    for (const item of items) rows.append(createRow(item));
    return rows;
  };
  content.append(rowsOf(given));
  let isPinned = true;
  let last = 0;
  const goToEnd = () => {
    isPinned = true;
    scroller.scrollTop = 1e9;
    last = scroller.scrollTop;
  };
  scroller.addEventListener('scroll', () => {
    const { scrollTop } = scroller;
    if (scrollTop < last - 0.5) isPinned = false;
    last = scrollTop;
  });
  new ResizeObserver(() => isPinned && goToEnd()).observe(content);
  goToEnd();
  return {
    scroller,
    grow: (item) => grow(item, content.lastElementChild),
    prepend: (items) => content.prepend(rowsOf(items)),
    goTo(index) {
      isPinned = false;
      content.children[index].scrollIntoView();
      last = scroller.scrollTop;
    },
    goToEnd,
  };
}

async function createElement(host, given) {
  const list = document.createElement('ai-virtual-list');
  list.style.height = '100%';
  let items = given;
  const rows = new Map();
  list.pin = 'end';
  list.keyOf = (item) => item.id;
  list.renderItem = (item) => {
    const row = createRow(item);
    rows.set(item.id, new WeakRef(row));
    return row;
  };
  list.estimateSize = estimateSize;
  list.items = items;
  host.append(list);
  await list.updateComplete;
  return {
    scroller: list,
    grow(item) {
      const row = rows.get(item.id)?.deref();
      grow(item, row?.isConnected ? row : undefined);
    },
    prepend(more) {
      items = [...more, ...items];
      list.items = items;
    },
    goTo: (index) => list.scrollToIndex(index),
    goToEnd: () => list.scrollToEnd(),
  };
}

const competitor = (load) => async () => (await load()).createList;

/** Loads a list, which is not measured, and gives what mounts it. */
export const LISTS = {
  plain: async () => createPlain,
  async element() {
    await import('/dist/ai-stream-chat.js');
    return createElement;
  },
  virtua: competitor(() => import('../competitors/virtua.js')),
  'lit-virtualizer': competitor(() => import('../competitors/lit-virtualizer.js')),
  tanstack: competitor(() => import('../competitors/tanstack.js')),
};
