// @lit-labs/virtualizer: its element as a scroller, its own `pin` for the end.
import '@lit-labs/virtualizer';
import { html, render } from 'lit';
import { createRow, grow } from '../lists/items.js';

const FULL = 'width: 100%; height: 100%';

export async function createList(host, given) {
  let items = [...given];
  let isPinned = true;
  let last = 0;
  const rows = new Map();
  const box = document.createElement('div');
  box.style.cssText = FULL;
  host.append(box);
  const renderItem = (item) => {
    if (!rows.has(item.id)) rows.set(item.id, createRow(item));
    return html`<div style="width: 100%">${rows.get(item.id)}</div>`;
  };
  const atEnd = () => ({ pin: { index: items.length - 1, block: 'end' } });
  const draw = (layout) =>
    render(
      html`<lit-virtualizer
        scroller
        class="list-scroller"
        style="display: block"
        .items=${items}
        .renderItem=${renderItem}
        .keyFunction=${(item) => item.id}
        .layout=${layout}
      ></lit-virtualizer>`,
      box,
    );
  draw(atEnd());
  const scroller = box.querySelector('lit-virtualizer');
  scroller.addEventListener('rangeChanged', ({ first, last: end }) => {
    const mounted = new Set(items.slice(first, end + 1).map(({ id }) => id));
    for (const id of rows.keys()) if (!mounted.has(id)) rows.delete(id);
  });
  scroller.addEventListener('scroll', () => {
    const { scrollTop } = scroller;
    if (scrollTop < last - 0.5) isPinned = false;
    last = scrollTop;
  });
  await scroller.layoutComplete;
  return {
    scroller,
    grow(item) {
      grow(item, rows.get(item.id));
      if (isPinned) scroller.layout = atEnd();
    },
    prepend(more) {
      items = [...more, ...items];
      draw({});
    },
    goTo(index) {
      isPinned = false;
      scroller.element(index).scrollIntoView({ block: 'start' });
    },
    goToEnd() {
      isPinned = true;
      scroller.element(items.length - 1).scrollIntoView({ block: 'end' });
    },
  };
}
