// Each way to show a text that streams: `feed` takes a delta, `settled` waits until it is in the DOM, `node` holds it.
import DOMPurify from 'dompurify';
import { marked } from 'marked';

const LINES = 'white-space: pre-wrap; overflow-wrap: anywhere; margin-bottom: 1em';
const BLOCKS_PER_WRAPPER = 32;

/** The text as plain blocks, 32 to a wrapper that layout may skip when it is full: nothing shows text for less. */
function createFloor(root) {
  const style = document.createElement('style');
  style.textContent = '.full { content-visibility: auto; contain-intrinsic-block-size: auto 1500px }';
  document.head.append(style);
  let wrapper;
  let text;
  let count = BLOCKS_PER_WRAPPER;
  const next = () => {
    if (count === BLOCKS_PER_WRAPPER) {
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
    node: () => root,
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
    node: () => root,
  };
}

async function createElement(root) {
  await import('/dist/ai-stream-chat.js');
  const message = document.createElement('ai-stream-message');
  root.append(message);
  await message.updateComplete;
  return {
    feed: (delta) => message.append(delta),
    settled: () => message.settled,
    node: () => message.renderRoot.querySelector('[part=content]'),
    /** All of the text at once. */
    paste(text) {
      message.content = text;
    },
    finish: () => message.finish(),
    remove: () => message.remove(),
    html: () => message.renderRoot.innerHTML,
  };
}

/** The element where no worker may start: the same engine in place. */
function createElementInPlace(root) {
  globalThis.Worker = function Worker() {
    throw new DOMException('There are no workers here.', 'SecurityError');
  };
  return createElement(root);
}

const competitor = (load) => async (root) => (await load()).createContender(root);

export const CONTENDERS = {
  floor: createFloor,
  naive: createNaive,
  element: createElement,
  'element in place': createElementInPlace,
  'deep-chat': competitor(() => import('./competitors/deep-chat.js')),
  streamdown: competitor(() => import('./competitors/streamdown.js')),
  'streaming-markdown': competitor(() => import('./competitors/streaming-markdown.js')),
};
