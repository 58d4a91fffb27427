// What runs in the page: each way to show a text that streams, and the frames in which it is fed.
import DOMPurify from 'dompurify';
import { marked } from 'marked';

const LINES = 'white-space: pre-wrap; overflow-wrap: anywhere; margin-bottom: 1em';

/** The text as plain blocks, 32 to a wrapper that layout may skip when it is full: nothing shows text for less. */
function createFloor(root) {
  const style = document.createElement('style');
  style.textContent = '.full { content-visibility: auto; contain-intrinsic-block-size: auto 1500px }';
  document.head.append(style);
  let wrapper;
  let text;
  let count = 32;
  const next = () => {
    if (count === 32) {
      wrapper?.classList.add('full');
      wrapper = document.createElement('div');
      root.append(wrapper);
      count = 0;
    }
    count += 1;
    const block = document.createElement('div');
    block.style.cssText = LINES;
    text = document.createTextNode('');
    block.append(text);
    wrapper.append(block);
  };
  next();
  return {
    feed(delta) {
      const [first, ...rest] = delta.split('\n\n');
      text.appendData(first);
      for (const block of rest) {
        next();
        text.appendData(block);
      }
    },
    settled: async () => {},
  };
}

/** All of the text again for each delta. */
function createNaive(root) {
  let source = '';
  return {
    feed(delta) {
      source += delta;
      root.innerHTML = DOMPurify.sanitize(marked.parse(source));
    },
    settled: async () => {},
  };
}

async function createElement(root) {
  await import('/dist/ai-stream-chat.js');
  const message = document.createElement('ai-stream-message');
  root.append(message);
  await message.updateComplete;
  return { feed: (delta) => message.append(delta), settled: () => message.settled };
}

const CONTENDERS = { floor: createFloor, naive: createNaive, element: createElement };

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

let contender;
let text = '';
let position = 0;

function feed(length) {
  contender.feed(text.slice(position, position + length));
  position += length;
}

globalThis.bench = {
  /** Shows all but the last `left` characters, in big bites. */
  async prepare(name, url, length, left) {
    text = (await (await fetch(url)).text()).slice(0, length);
    contender = await CONTENDERS[name](document.getElementById('root'));
    const bite = Math.max(20_000, Math.ceil(length / 20));
    while (position < length - left) {
      feed(Math.min(bite, length - left - position));
      await contender.settled();
      await nextFrame();
    }
    document.getElementById('scroller').scrollTop = 1e9;
    // What was put off has its frames now, not in the measurement.
    for (let frames = 10; frames > 0; frames -= 1) await nextFrame();
  },

  /** Feeds once per frame, pinned to the bottom. Returns the longest tasks of the main thread. */
  async run(frames, perFrame) {
    const scroller = document.getElementById('scroller');
    const long = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) long.push(duration);
    });
    observer.observe({ entryTypes: ['longtask'] });
    for (let left = frames; left > 0; left -= 1) {
      await nextFrame();
      feed(perFrame);
      scroller.scrollTop = 1e9;
    }
    await nextFrame();
    await nextFrame();
    observer.disconnect();
    return Math.max(0, ...long);
  },
};
