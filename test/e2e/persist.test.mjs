// A conversation that is kept: pages are left in the middle of everything, and loaded again.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createDemoServer } from '../../demo/server/server.mjs';
import { launch, listen, openPage } from './support.mjs';

const WORDS = Array.from({ length: 30 }, (_, index) => `word${index}`);
const CALL = { type: 'tool_call_start', id: 'call-1', name: 'book', by: 'client' };
const CALLS_DONE = { type: 'done', reason: 'tool_calls', complete: true };
const DONE = { type: 'done', reason: 'stop', complete: true };

let browser;
let demo;
/** Where the page stands that is opened. */
let folder;
/** What the model was asked, in order. */
let requests = [];
/** What the model does, request by request. */
let answers = [];

/** Opens once: what waits for it goes on. */
function createGate() {
  const gate = {};
  gate.opened = new Promise((resolve) => {
    gate.open = resolve;
  });
  return gate;
}

const model = {
  name: 'test model',
  async *answer(request, signal) {
    requests.push(request);
    const answer = answers[requests.length - 1];
    yield* answer ? answer(signal) : [{ type: 'text', content: 'All done.' }, DONE];
  },
};

/** Says its words, and the last one when the gate opens. */
function words(gate) {
  return async function* answer() {
    for (const word of WORDS.slice(0, -1)) {
      await setImmediate();
      yield { type: 'text', content: `${word} ` };
    }
    await gate.opened;
    yield { type: 'text', content: WORDS.at(-1) };
    yield DONE;
  };
}

/** Makes a call, its arguments in pieces, the last one when the gate opens. */
function callInPieces(gate) {
  return async function* answer() {
    yield CALL;
    yield { type: 'tool_call_delta', id: 'call-1', delta: '{"guests": 4, ' };
    await gate.opened;
    yield { type: 'tool_call_delta', id: 'call-1', delta: '"name": "Ada"}' };
    yield { type: 'tool_call', id: 'call-1', name: 'book', args: { guests: 4, name: 'Ada' } };
    yield CALLS_DONE;
  };
}

/** Makes a call. */
async function* call() {
  yield CALL;
  yield { type: 'tool_call', id: 'call-1', name: 'book', args: { guests: 4 } };
  yield CALLS_DONE;
}

const page = (
  attributes,
  tool,
) => `<!doctype html><meta charset="utf-8"><title>Kept</title><link rel="icon" href="data:,">
<ai-stream-chat style="block-size: 30rem" src="/api/chat" ${attributes}></ai-stream-chat>
<script type="module" src="/dist/ai-stream-chat.js"></script>
<script type="module">
  const chat = document.querySelector('ai-stream-chat');
  globalThis.chat = chat;
  globalThis.texts = [];
  chat.addEventListener('text', ({ detail }) => texts.push(detail.content));
  ${tool ?? ''}
</script>`;

const TOOL = (properties) => `chat.tools = [{
  name: 'book', description: 'Books.', inputSchema: {type: 'object', properties: {guests: {type: 'integer'}, name: {type: 'string'}}},
  ${properties}
}];`;
const ANSWERS = TOOL(`execute(args) { ran(JSON.stringify(args)); return 'booked'; }`);
const HANGS = TOOL(`execute(args) { ran(JSON.stringify(args)); return new Promise(() => {}); }`);
const CONFIRMS = TOOL(`confirm: true, execute(args) { ran(JSON.stringify(args)); return 'booked'; }`);

/** Opens the page. `ran`: the calls that its tool has run, in any tab and over all reloads. */
async function openKept(attributes, tool, use) {
  requests = [];
  answers = [];
  const opened = await openPage(browser, 'about:blank');
  const context = opened.page.context();
  context.setDefaultTimeout(10_000);
  const ran = [];
  await context.exposeFunction('ran', (args) => ran.push(JSON.parse(args)));
  writeFileSync(path.join(folder, 'kept.html'), page(attributes, tool));
  await opened.page.goto(`${demo.url}/kept.html`);
  try {
    await use({ ...opened, context, ran });
  } finally {
    await opened.close();
  }
}

const ask = async (tab, text = 'Hello') => {
  await tab.getByRole('textbox', { name: 'Message' }).fill(text);
  await tab.keyboard.press('Enter');
};
const lastOf = (tab) => tab.locator('ai-stream-message [part~="content"]').last();
const allDone = (tab) => lastOf(tab).getByText('All done.').waitFor();
const settled = (tab) => tab.locator('ai-stream-chat').evaluate((chat) => chat.settled);
const messagesOf = (tab) => tab.evaluate(() => globalThis.chat.messages);
const button = (tab, name) => tab.getByRole('button', { name, exact: true });
const askForApproval = async (tab) => {
  answers = [call];
  await ask(tab);
  await button(tab, 'Approve').waitFor();
};
const toolResults = (request) =>
  request.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
/** The tool has run once, with these arguments, and the model was told what it gave. */
async function bookedOnce(tab, ran, args) {
  await allDone(tab);
  assert.deepEqual(ran, [args]);
  assert.deepEqual(toolResults(requests[1]), ['booked']);
  assert.equal(requests.length, 2);
}

before(async () => {
  browser = await launch();
  folder = mkdtempSync(path.join(tmpdir(), 'ai-stream-chat-'));
  demo = await listen(createDemoServer({ model, pagesFolder: folder, reconnectDelay: 20 }));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  rmSync(folder, { recursive: true });
});

describe('a page that is loaded again', { timeout: 180_000 }, () => {
  for (const attributes of [
    'persist="session"',
    'persist="local"',
    'persist="session" resume-src="/api/chat/runs/{streamId}"',
    'persist="session" transport="websocket"',
  ]) {
    it(`goes on with an answer that was coming: ${attributes}`, () =>
      openKept(attributes, '', async ({ page: tab, problems }) => {
        const gate = createGate();
        answers = [words(gate)];
        await ask(tab);
        await lastOf(tab).getByText(WORDS.at(-2)).waitFor();
        const id = await tab.evaluate(() => globalThis.chat.conversationId);
        await tab.reload();
        await lastOf(tab).getByText(WORDS.at(-2)).waitFor();
        gate.open();
        await lastOf(tab).getByText(WORDS.at(-1)).waitFor();
        await settled(tab);
        assert.equal(await lastOf(tab).innerText(), WORDS.join(' '));
        assert.deepEqual(await tab.evaluate(() => globalThis.texts.join('')), WORDS.at(-1));
        assert.equal(requests.length, 1);
        const messages = await messagesOf(tab);
        assert.deepEqual(
          messages.map(({ role, status }) => [role, status]),
          [
            ['user', undefined],
            ['assistant', 'complete'],
          ],
        );
        await ask(tab, 'And now?');
        await allDone(tab);
        assert.deepEqual(requests[1].conversationId, id);
        assert.equal(requests[1].messages.length, 3);
        assert.deepEqual(problems, []);
      }));
  }

  it('runs a call whose arguments were coming once, with all of them', () =>
    openKept('persist="session"', ANSWERS, async ({ page: tab, ran }) => {
      const gate = createGate();
      answers = [callInPieces(gate)];
      await ask(tab);
      await tab.waitForFunction(() => globalThis.chat.messages[1]?.parts[0]?.argsText.includes('guests'));
      await tab.reload();
      await tab.waitForFunction(() => globalThis.chat?.state === 'submitting');
      gate.open();
      await bookedOnce(tab, ran, { guests: 4, name: 'Ada' });
    }));

  it('does not run a call again that was running: the model is told that nobody knows how far it came', () =>
    openKept('persist="session"', HANGS, async ({ page: tab, ran }) => {
      answers = [call];
      await ask(tab);
      await tab.waitForFunction(() => globalThis.chat.state === 'awaiting_tool');
      await tab.reload();
      await allDone(tab);
      await settled(tab);
      await tab.reload();
      await allDone(tab);
      assert.deepEqual(ran, [{ guests: 4 }]);
      assert.match(toolResults(requests[1])[0], /page was left while this call ran/);
      assert.equal(requests.length, 2);
    }));

  it('asks again for an approval that was waited for, over any number of reloads', () =>
    openKept('persist="session"', CONFIRMS, async ({ page: tab, ran }) => {
      await askForApproval(tab);
      for (let time = 0; time < 3; time += 1) {
        await tab.reload();
        await button(tab, 'Approve').waitFor();
      }
      assert.deepEqual(ran, []);
      await button(tab, 'Approve').click();
      await bookedOnce(tab, ran, { guests: 4 });
    }));

  it('takes a refusal of such a call', () =>
    openKept('persist="session"', CONFIRMS, async ({ page: tab, ran }) => {
      await askForApproval(tab);
      await tab.reload();
      await button(tab, 'Refuse').click();
      await allDone(tab);
      assert.deepEqual(ran, []);
      assert.match(toolResults(requests[1])[0], /refused/);
    }));

  it('offers the rest of an answer that cannot be asked for', () =>
    openKept(
      'persist="session"',
      // Without its key the request is another one, and the endpoint knows no answer to go on with.
      `chat.prepareRequest = (request) => {
        const { 'Idempotency-Key': key, ...headers } = request.headers;
        return { ...request, headers };
      };`,
      async ({ page: tab }) => {
        const gate = createGate();
        answers = [words(gate)];
        await ask(tab);
        await lastOf(tab).getByText(WORDS.at(-2)).waitFor();
        await tab.reload();
        await button(tab, 'Continue').click();
        await allDone(tab);
        gate.open();
        assert.match(await lastOf(tab).innerText(), /^word0 .*word28 All done\.$/);
        assert.equal(requests.length, 2);
      },
    ));

  it('keeps what the user was writing, until it is sent', () =>
    openKept('persist="session"', '', async ({ page: tab }) => {
      const field = tab.getByRole('textbox', { name: 'Message' });
      await field.fill('Half a tho');
      await tab.reload();
      await tab.waitForFunction(() => globalThis.chat?.shadowRoot.querySelector('textarea').value !== '');
      assert.equal(await field.inputValue(), 'Half a tho');
      await field.press('Enter');
      await allDone(tab);
      await tab.reload();
      await allDone(tab);
      assert.equal(await field.inputValue(), '');
    }));

  it('begins anew where the page has cleared the chat', () =>
    openKept('persist="local"', '', async ({ page: tab }) => {
      await ask(tab);
      await allDone(tab);
      await tab.evaluate(() => globalThis.chat.clear());
      await tab.waitForFunction(() => localStorage.length === 0);
      await tab.reload();
      assert.deepEqual(await messagesOf(tab), []);
    }));
});

describe('two tabs with one conversation', { timeout: 180_000 }, () => {
  it('run a call once, and show the same', () =>
    openKept('persist="local"', ANSWERS, async ({ page: tab, context, ran }) => {
      const gate = createGate();
      answers = [callInPieces(gate)];
      await ask(tab);
      await tab.waitForFunction(() => globalThis.chat.state === 'streaming');
      const other = await context.newPage();
      await other.goto(`${demo.url}/kept.html`);
      await tab.evaluate(() => dispatchEvent(new Event('visibilitychange')));
      await other.waitForFunction(() => globalThis.chat.messages.length === 2);
      gate.open();
      await allDone(tab);
      await allDone(other);
      await settled(tab);
      assert.deepEqual(ran, [{ guests: 4, name: 'Ada' }]);
      assert.equal(requests.length, 2);
      await other.waitForFunction(() => globalThis.chat.messages.at(-1).status === 'complete');
      assert.deepEqual(await messagesOf(other), await messagesOf(tab));
    }));

  it('take a run over when the other one is closed', () =>
    openKept('persist="local"', CONFIRMS, async ({ page: tab, context, ran }) => {
      await askForApproval(tab);
      const other = await context.newPage();
      await other.goto(`${demo.url}/kept.html`);
      await button(other, 'Approve').waitFor();
      assert.equal(await other.evaluate(() => globalThis.chat.respondToTool('call-1', 'mine')), false);
      await tab.close();
      await other.waitForFunction(async () => (await navigator.locks.query()).pending.length === 0);
      await button(other, 'Approve').click();
      await allDone(other);
      assert.deepEqual(ran, [{ guests: 4 }]);
      assert.equal(requests.length, 2);
    }));

  it('let the user go on in either of them', () =>
    openKept('persist="local"', CONFIRMS, async ({ page: tab, context, ran }) => {
      await askForApproval(tab);
      const other = await context.newPage();
      await other.goto(`${demo.url}/kept.html`);
      await button(other, 'Approve').click();
      await allDone(other);
      await allDone(tab);
      assert.deepEqual(ran, [{ guests: 4 }]);
      await ask(tab, 'Thanks');
      await other.waitForFunction(() => globalThis.chat.messages.length === 5);
      await settled(tab);
      await other.waitForFunction(() => globalThis.chat.messages.at(-1).status === 'complete');
      assert.deepEqual(await messagesOf(other), await messagesOf(tab));
      assert.equal(requests.length, 3);
    }));

  it('do not both run what a duplicated tab has a copy of', () =>
    openKept('persist="session"', CONFIRMS, async ({ page: tab, context, ran }) => {
      await askForApproval(tab);
      const [copy] = await Promise.all([
        context.waitForEvent('page'),
        tab.evaluate(() => void open(location.href)),
      ]);
      await copy.waitForFunction(() => globalThis.chat?.messages[1]?.parts[0].state === 'failed');
      assert.equal(await button(copy, 'Approve').count(), 0);
      await button(tab, 'Approve').click();
      await allDone(tab);
      assert.deepEqual(ran, [{ guests: 4 }]);
      assert.equal(requests.length, 2);
    }));
});

describe('a storage', { timeout: 120_000 }, () => {
  it('that is full costs one warning, and the chat goes on', () =>
    openKept('persist="local"', '', async ({ page: tab, problems }) => {
      await tab.evaluate(() => {
        for (let size = 2 ** 22; size >= 1; size /= 2) {
          try {
            for (let index = 0; ; index += 1)
              localStorage.setItem(`filler-${size}-${index}`, 'x'.repeat(size));
          } catch {
            // Smaller ones may still fit.
          }
        }
      });
      for (const text of ['One', 'Two', 'Three']) {
        await ask(tab, text);
        await settled(tab);
      }
      assert.equal((await messagesOf(tab)).length, 6);
      assert.deepEqual(problems.length, 1, problems.join('\n'));
      assert.match(problems[0], /storage is full/);
      const ours = await tab.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('ai-')));
      assert.deepEqual(ours, []);
    }));

  it('that holds something else is ignored with one warning', () =>
    openKept('persist="local"', '', async ({ page: tab, problems }) => {
      await ask(tab);
      await settled(tab);
      await tab.evaluate(() => {
        globalThis.chat.persist = 'session';
        return globalThis.chat.updateComplete;
      });
      await tab.evaluate(() => {
        const key = Object.keys(localStorage).find((name) =>
          /^ai-stream-chat:conversation:[^:]*$/.test(name),
        );
        localStorage.setItem(key, '{"version": 1, "messages": "all of them"}');
      });
      await tab.reload();
      await ask(tab, 'Hello again');
      await settled(tab);
      assert.equal((await messagesOf(tab)).length, 2);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0], /cannot be read/);
      await tab.reload();
      assert.equal((await messagesOf(tab)).length, 2);
    }));

  it('that the page may not use costs one warning', () =>
    openKept('persist="local"', '', async ({ page: tab, problems }) => {
      // As in a frame of an origin of its own, where the script of the package would not be let in either.
      await tab.addInitScript(() => {
        Object.defineProperty(globalThis, 'localStorage', {
          get() {
            throw new DOMException('The document is sandboxed.', 'SecurityError');
          },
        });
      });
      await tab.reload();
      await ask(tab);
      await allDone(tab);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.ok(
        problems.some((problem) => problem.includes('may not store anything')),
        problems.join('\n'),
      );
    }));
});
