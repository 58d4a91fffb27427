import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { Streamdown } from 'streamdown';

// What costs and shows no text is off.
const OPTIONS = {
  mode: 'streaming',
  isAnimating: true,
  controls: false,
  lineNumbers: false,
  linkSafety: { enabled: false },
};

/** The component as it is meant to be used: the whole text as its child, blocks memoized. */
export async function createContender(root) {
  const reactRoot = createRoot(root);
  let source = '';
  return {
    feed(delta) {
      source += delta;
      // In the frame, as the others; leaving it to React's scheduler makes it no cheaper.
      flushSync(() => reactRoot.render(createElement(Streamdown, OPTIONS, source)));
    },
    settled: async () => {},
    node: () => root,
  };
}
