// A page with a chat, and a server that plays the faults to it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { startFaultServer } from '../support/fault-server.js';

const DIST = new URL('../../dist/ai-stream-chat.js', import.meta.url);

const PAGE = `<!doctype html><meta charset="utf-8"><title>Faults</title>
<style>ai-stream-chat { block-size: 480px }</style>
<main><ai-stream-chat></ai-stream-chat></main><aside></aside>
<script type="module" src="/ai-stream-chat.js"></script>`;

/** A server of faults that gives the page as well. */
export async function startPageServer() {
  const script = await readFile(DIST);
  return startFaultServer({
    pages: new Map([
      ['/page', { contentType: 'text/html', body: PAGE }],
      ['/elsewhere', { contentType: 'text/html', body: '<!doctype html><title>Elsewhere</title>' }],
      ['/ai-stream-chat.js', { contentType: 'text/javascript', body: script }],
    ]),
  });
}

/** Runs in the page, before anything else: notes what the chat says, and answers its calls. */
function record() {
  globalThis.record = { calls: [], states: [], ends: [], errors: [] };
  const { record: notes } = globalThis;
  document.addEventListener('tool_call', (event) => {
    notes.calls.push(event.detail.id);
    event.respondWith(event.detail.args);
  });
  document.addEventListener('state_change', ({ detail: { state } }) => {
    notes.states.push(state);
    if (state === 'reconnecting') void globalThis.passRefusal?.();
  });
  document.addEventListener('stream_end', ({ detail: { reason, complete } }) =>
    notes.ends.push({ reason, complete }),
  );
  document.addEventListener('stream_error', ({ detail: { code, status } }) =>
    notes.errors.push({ code, status }),
  );
  globalThis.answerText = () =>
    document
      .querySelector('ai-stream-chat')
      .messages.filter(({ role }) => role === 'assistant')
      .flatMap(({ parts }) => parts.map(({ text = '' }) => text))
      .join('');
}

/** Opens the page in a context of its own, or in `context`. */
export async function openChat(browser, server, { context, prepare = async () => {} } = {}) {
  const own = context ?? (await browser.newContext());
  const page = await own.newPage();
  await page.addInitScript(record);
  await prepare(page);
  let script;
  await page.exposeFunction('passRefusal', () => script?.passRefusal());
  await page.goto(`${server.origin}/page`);
  await page.waitForFunction(() => customElements.get('ai-stream-chat'));
  const chat = page.locator('ai-stream-chat');

  return {
    page,
    chat,
    context: own,
    get script() {
      return script;
    },
    /** Sets a script up for the chat, with these attributes. */
    async play(connections, { attributes = {}, act, server: from = server, ...options } = {}) {
      const word = options.word ?? ((k) => `t${k} `);
      script = await from.play(connections, {
        streamId: 's1',
        ...options,
        act: act && ((action, exchange) => act(action, exchange)),
        seen: ({ token, call }) =>
          page
            .waitForFunction(
              ([text, id]) =>
                (text === null || answerText().includes(text)) && (id === null || record.calls.includes(id)),
              [token === undefined ? null : word(token), call ?? null],
            )
            // A page that is gone has seen all it will.
            .then(
              () => {},
              () => {},
            ),
      });
      await chat.evaluate(
        (element, all) => {
          for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
        },
        { src: script.url, ...attributes },
      );
      return script;
    },
    /** Sends a question, without waiting for the answer. */
    send: () => chat.evaluate((element) => void element.send('question')),
    /** Waits for the end of the run and of its rendering, and gives what came of it. */
    async result() {
      await page.waitForFunction(() => {
        const { state, messages } = document.querySelector('ai-stream-chat');
        return (state === 'idle' || state === 'error') && messages.length > 1;
      });
      await chat.evaluate((element) => element.settled);
      return this.now();
    },
    now: () =>
      chat.evaluate((element) => ({
        text: answerText(),
        shown: [...element.shadowRoot.querySelectorAll('ai-stream-message')]
          .filter(({ roleName }) => roleName === 'assistant')
          .map((message) =>
            [...message.shadowRoot.querySelectorAll('[part~="content"]')]
              .map(({ textContent }) => textContent)
              .join(''),
          )
          .join(''),
        state: element.state,
        statuses: element.messages.map(({ status }) => status),
        ...record,
      })),
    close: () => (context ? page.close() : own.close()),
  };
}

/** The text of tokens `from` to `to`. */
export const words = (from, to) =>
  Array.from({ length: to - from + 1 }, (_, index) => `t${from + index} `).join('');

/** Waits until something is so; the timeout of the test ends what never comes to be. */
export async function until(condition) {
  while (!(await condition())) await wait(10);
}

/** The answer is whole, in the conversation and on the screen. */
export function assertWhole(result, text = words(1, 20)) {
  assert.equal(result.text, text);
  assert.equal(result.shown.replaceAll(/\s+/g, ' ').trim(), text.trim(), 'all of it is shown');
  assert.deepEqual(result.errors, []);
  assert.equal(result.ends.at(-1).complete, true);
  assert.equal(result.statuses[1], 'complete');
  assert.deepEqual(result.calls, [...new Set(result.calls)]);
}
