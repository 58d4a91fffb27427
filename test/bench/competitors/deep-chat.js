import 'deep-chat';

/** The chat element, fed through the public handler of its `connect` property. */
export async function createContender(root) {
  const chat = document.createElement('deep-chat');
  chat.style.cssText = 'display: block; width: 100%; height: 100vh; border: none';
  const signals = await new Promise((resolve) => {
    chat.connect = { stream: true, handler: (_body, given) => resolve(given) };
    chat.onComponentRender = () => chat.submitUserMessage({ text: 'Go.' });
    root.append(chat);
  });
  signals.onOpen();
  return {
    feed: (delta) => void signals.onResponse({ text: delta }),
    settled: async () => {},
    node: () => chat.shadowRoot.querySelector('#messages'),
  };
}
