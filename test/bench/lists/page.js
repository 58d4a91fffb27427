// What runs in the page of the lists: a list, what is done to it, and what the reader would have seen.
import { LISTS } from './contenders.js';
import { createItems, createRandom, ROW_STYLE } from './items.js';

const host = document.getElementById('host');
const style = document.createElement('style');
style.textContent = ROW_STYLE;
document.head.append(style);

const channel = new MessageChannel();
channel.port1.start();

/** Does something, and goes on after the paint that shows it. */
async function frame(action) {
  action?.();
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => {
    channel.port1.addEventListener('message', resolve, { once: true });
    channel.port2.postMessage(null);
  });
}

async function frames(count) {
  for (let left = count; left > 0; left -= 1) await frame();
}

let create;
let list;
let items;

const box = () => list.scroller.getBoundingClientRect();
const rowAt = (y) => document.elementFromPoint(16, box().top + y)?.closest('.list-row') ?? undefined;
const topOf = (row) => row.getBoundingClientRect().top - box().top;
const isBlank = () => [3, box().height / 2, box().height - 4].some((y) => !rowAt(y));
const find = (id) => list.scroller.querySelector(`[data-key="${id}"]`);

/** Px between the end of the last row and that of the view; undefined where it is not mounted. */
function offEnd() {
  const row = find(items.at(-1).id);
  return row ? Math.abs(row.getBoundingClientRect().bottom - box().bottom) : undefined;
}

/** Waits until nothing moves. */
async function settle() {
  let same = 0;
  let before;
  for (let left = 90; left > 0 && same < 8; left -= 1) {
    await frame();
    const row = rowAt(2);
    const now = row && `${row.dataset.key} ${topOf(row).toFixed(1)}`;
    same = now !== undefined && now === before ? same + 1 : 0;
    before = now;
  }
}

/** What a reader sees of a frame: whether something was blank, and how far what they read has moved by itself. */
function look(row, top, scrolled) {
  const isMounted = row.isConnected;
  return { blank: isBlank(), moved: isMounted ? Math.abs(topOf(row) - top + scrolled) : 0 };
}

const worst = (seen) => ({
  blank: seen.filter(({ blank }) => blank).length,
  moved: seen.reduce((most, { moved }) => Math.max(most, moved ?? Infinity), 0),
});

async function scrollBy(step, count, looks) {
  const seen = [];
  for (let left = count; left > 0; left -= 1) {
    const row = looks ? (rowAt(2) ?? host) : undefined;
    const top = looks ? topOf(row) : 0;
    const before = list.scroller.scrollTop;
    let scrolled = 0;
    await frame(() => {
      list.scroller.scrollTop += step;
      scrolled = list.scroller.scrollTop - before;
    });
    if (looks) seen.push(look(row, top, scrolled));
  }
  return worst(seen);
}

async function growing(count, looks, measure) {
  const seen = [];
  for (let left = count; left > 0; left -= 1) {
    await frame(() => list.grow(items.at(-1)));
    if (looks) seen.push(measure());
  }
  return worst(seen);
}

/** What is done; `prepare` is not measured. With `looks` the reader looks, which has its own cost. */
const TASKS = {
  scroll: {
    prepare: async () => list.goToEnd(),
    run: (count, looks) => scrollBy(-100, count, looks),
  },
  'fast scroll': {
    prepare: async () => list.goToEnd(),
    run: (count, looks) => scrollBy(-640, Math.ceil(count / 2), looks),
  },
  pinned: {
    prepare: async () => list.goToEnd(),
    run: (count, looks) => growing(count, looks, () => ({ blank: isBlank(), moved: offEnd() })),
  },
  reading: {
    async prepare() {
      list.goToEnd();
      await settle();
      await scrollBy(-100, 15, false);
    },
    run(count, looks) {
      const row = rowAt(2) ?? host;
      const top = topOf(row);
      return growing(count, looks, () => look(row, top, 0));
    },
  },
  prepend: {
    async prepare() {
      list.goTo(0);
      await settle();
      await scrollBy(65, 4, false);
    },
    async run(_count, looks) {
      const row = rowAt(2) ?? host;
      const top = topOf(row);
      const older = createItems(50, items[0].id - 50);
      await frame(() => list.prepend(older));
      items = [...older, ...items];
      const seen = [];
      for (let left = 5; left > 0; left -= 1) {
        if (looks) seen.push(look(row, top, 0));
        await frame();
      }
      return worst(seen);
    },
  },
  resize: {
    prepare: async () => list.goTo(Math.floor(items.length / 2)),
    async run(_count, looks) {
      const row = rowAt(2) ?? host;
      const top = topOf(row);
      const seen = [];
      host.style.width = host.style.width === '360px' ? '480px' : '360px';
      for (let left = 20; left > 0; left -= 1) {
        await frame();
        if (looks) seen.push(look(row, top, 0));
      }
      return worst(seen);
    },
  },
  jump: {
    prepare: async () => list.goToEnd(),
    async run(_count, looks) {
      const random = createRandom(4242);
      const seen = [];
      for (let left = 10; left > 0; left -= 1) {
        const index = Math.floor(random() * (items.length - 20));
        await frame(() => list.goTo(index));
        for (let after = 5; after > 0; after -= 1) await frame();
        if (!looks) continue;
        const row = find(items[index].id);
        seen.push({ blank: isBlank(), moved: row ? Math.abs(topOf(row)) : undefined });
      }
      return worst(seen);
    },
  },
};

let chat;

globalThis.bench = {
  async load(name, count) {
    items = createItems(count);
    create = await LISTS[name]();
    await frames(5);
  },

  async mount() {
    list = await create(host, items);
    await frames(5);
  },

  async prepare(task) {
    await settle();
    await TASKS[task].prepare();
    await settle();
  },

  run: (task, count, looks) => TASKS[task].run(count, looks),

  state: () => ({ offEnd: offEnd() ?? Infinity, elements: list.scroller.querySelectorAll('*').length }),

  /** A chat of so many messages. */
  async createChat(count) {
    await import('/dist/ai-stream-chat.js');
    chat = document.createElement('ai-stream-chat');
    chat.style.height = '800px';
    chat.src = '/answer';
    chat.messages = Array.from({ length: count }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `Message ${index}. ${'Words that make it as long as messages are. '.repeat(1 + (index % 9))}`,
    }));
    host.append(chat);
    await chat.settled;
    await frames(30);
  },

  async ask() {
    await chat.send('Go on.');
    await chat.settled;
  },
};
