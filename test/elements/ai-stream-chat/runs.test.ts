import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import '../../../src/index.js';
import type { AiStreamChatElement } from '../../../src/index.js';
import { announcements, endpoint, nextEvent, recordEvents, requestsOf, until } from '../support.js';

const ALL = 't1 t2 t3 t4 t5 t6 t7 t8 t9 t10';

async function chatOn(src: string): Promise<AiStreamChatElement> {
  return fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${src}></ai-stream-chat>
  `);
}

function answer(chat: AiStreamChatElement): string {
  const message = [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].at(-1);
  return message?.shadowRoot!.querySelector('[part~="content"]')?.textContent?.trim() ?? '';
}

function notice(chat: AiStreamChatElement): HTMLElement | null {
  return chat.shadowRoot!.querySelector('[part~="error"]');
}

function buttons(chat: AiStreamChatElement): (string | undefined)[] {
  return [...(notice(chat)?.querySelectorAll('button') ?? [])].map(({ textContent }) => textContent?.trim());
}

function button(chat: AiStreamChatElement, text: string): HTMLButtonElement {
  const found = [...chat.shadowRoot!.querySelectorAll('button')].find(
    (candidate) => candidate.textContent?.trim() === text,
  );
  if (!found) throw new Error(`There is no button "${text}".`);
  return found;
}

function textarea(chat: AiStreamChatElement): HTMLTextAreaElement {
  return chat.shadowRoot!.querySelector('textarea')!;
}

function announced(chat: AiStreamChatElement): string {
  return chat.shadowRoot!.querySelector('.announcer[role="status"]')!.textContent!;
}

async function breakAfter(chat: AiStreamChatElement, src: string, text: string): Promise<void> {
  await until(() => answer(chat).endsWith(text));
  await fetch(src.replace(/\/endpoint\/\w+/, '/endpoint/break'));
}

describe('<ai-stream-chat> on a bad network', () => {
  it('goes on where the connection broke', async () => {
    const { src, key } = endpoint('resumable');
    const chat = await chatOn(src);
    const events = recordEvents(chat, 'state_change', 'stream_start', 'stream_end', 'stream_error', 'text');
    const run = chat.send('go');
    await breakAfter(chat, src, 't5');
    expect(await run).to.deep.include({ reason: 'stop', complete: true });
    await chat.settled;
    expect(answer(chat)).to.equal(ALL);
    const states = events.filter(({ type }) => type === 'state_change').map(({ detail }) => detail.state);
    expect(states).to.deep.equal(['submitting', 'streaming', 'reconnecting', 'streaming', 'idle']);
    expect(events.filter(({ type }) => type === 'stream_start').length).to.equal(1);
    expect(events.filter(({ type }) => type === 'stream_error').length).to.equal(0);
    const told = events.filter(({ type }) => type === 'text').map(({ detail }) => detail.content);
    expect(told.join('').trim()).to.equal(ALL);
    const requests = await requestsOf(key);
    expect(requests.map(({ headers }) => headers['last-event-id'])).to.deep.equal([undefined, '5']);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).to.equal(1);
    expect(chat.metrics?.reconnects).to.equal(1);
  });

  it('says why it waits, and stops when it is told to', async () => {
    const { src } = endpoint('refusing', { wait: '30000' });
    const chat = await chatOn(src);
    const run = chat.send('go');
    await until(() => chat.state === 'reconnecting' && notice(chat));
    expect(notice(chat)!.textContent).to.include('503').and.to.include('30 seconds');
    expect(buttons(chat)).to.deep.equal([]);
    expect(announced(chat)).to.include('503');
    button(chat, 'Stop').click();
    expect(await run).to.deep.include({ reason: 'aborted' });
    expect(chat.state).to.equal('idle');
    expect(chat.messages.map(({ role }) => role)).to.deep.equal(['user']);
  });

  it('announces another reason to wait, not another attempt', async () => {
    const { src, key } = endpoint('refusing', { times: '9' });
    const chat = await chatOn(src);
    chat.maxRetries = 2;
    const said = announcements(chat);
    await chat.send('go');
    await until(() => said.at(-1) === '');
    expect((await requestsOf(key)).length).to.equal(3);
    expect(said.length).to.equal(3);
    expect(said[0]).to.equal('Responding');
    expect(said[1]).to.include('Connecting again…');
  });

  it('asks again by itself while nothing has arrived', async () => {
    const { src, key } = endpoint('refusing', { times: '3' });
    const chat = await chatOn(src);
    await chat.send('hello');
    await chat.settled;
    expect(answer(chat)).to.equal('You said: hello');
    expect((await requestsOf(key)).length).to.equal(4);
    expect(chat.messages.length).to.equal(2);
  });

  it('asks as often as max-retries says', async () => {
    const { src, key } = endpoint('refusing', { times: '9' });
    const chat = await chatOn(src);
    chat.setAttribute('max-retries', '1');
    await chat.send('hello');
    expect((await requestsOf(key)).length).to.equal(2);
    expect(chat.state).to.equal('error');
  });

  it('asks the page for fresh headers after a 401', async () => {
    const { src } = endpoint('guarded');
    const chat = await chatOn(src);
    let calls = 0;
    chat.headers = () => {
      calls += 1;
      return { authorization: calls === 1 ? 'Bearer stale' : 'Bearer fresh' };
    };
    await chat.send('hello');
    await chat.settled;
    expect(answer(chat)).to.equal('You said: hello');
    expect(calls).to.equal(2);
  });

  it('goes to the next URL in src when one cannot be reached', async () => {
    const { src } = endpoint('echo');
    const chat = await chatOn(`http://127.0.0.1:9/chat ${src}`);
    await chat.send('hello');
    await chat.settled;
    expect(answer(chat)).to.equal('You said: hello');
  });

  it('goes over fetch on the same host where WebTransport cannot be had', async () => {
    const { src } = endpoint('echo');
    const chat = await chatOn(src);
    chat.transport = 'webtransport';
    await chat.send('hello');
    await chat.settled;
    expect(answer(chat)).to.equal('You said: hello');
  });

  it('reads the text of an endpoint that nobody knows where text-path says', async () => {
    const { src } = endpoint('homemade');
    const chat = await chatOn(src);
    chat.setAttribute('text-path', 'payload.words.0');
    chat.setAttribute('done-token', '[END]');
    expect(await chat.send('hello')).to.deep.include({ complete: true });
    await chat.settled;
    expect(answer(chat)).to.equal('one two');
  });

  it('tells the page of a call that waits for an approval, and sends the answer on', async () => {
    const { src, key } = endpoint('approval');
    const chat = await chatOn(src);
    chat.dialect = 'ai-sdk-ui';
    const asked = nextEvent(chat, 'data');
    void chat.send('delete it');
    const { name, value } = (await asked).detail;
    expect(name).to.equal('tool_approval');
    await until(() => chat.state === 'awaiting_tool');
    expect(chat.respondToTool(value.id, { approved: true })).to.equal(true);
    await until(async () => (await requestsOf(key)).length === 2);
    await chat.settled;
    expect(JSON.stringify((await requestsOf(key))[1]!.body)).to.include('approval-responded');
  });

  it('offers to continue an answer that broke off for good', async () => {
    const { src, key } = endpoint('reset');
    const chat = await chatOn(src);
    const run = chat.send('go');
    await breakAfter(chat, src, 'half a');
    await run;
    await chat.updateComplete;
    expect(chat.messages.at(-1)!.status).to.equal('interrupted');
    await until(() => buttons(chat).length === 2);
    expect(buttons(chat)).to.deep.equal(['Continue', 'Try again']);
    chat.src = src.replace('/reset', '/echo');
    button(chat, 'Continue').click();
    await nextEvent(chat, 'stream_end');
    await chat.settled;
    expect(chat.messages.length).to.equal(2);
    expect(answer(chat)).to.match(/^half aYou said: Your last answer was cut off/);
    const { body } = (await requestsOf(key)).at(-1)!;
    expect(body.messages.map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'user']);
    expect(notice(chat)).to.equal(null);
  });

  it('goes on by hand where the network gave out, without asking the model again', async () => {
    const { src, key } = endpoint('resumable');
    const chat = await chatOn(src);
    chat.maxRetries = 0;
    const run = chat.send('go');
    await breakAfter(chat, src, 't5');
    await run;
    await until(() => buttons(chat).includes('Continue'));
    expect(await chat.resume()).to.deep.include({ complete: true });
    await chat.settled;
    expect(answer(chat)).to.equal(ALL);
    expect((await requestsOf(key)).at(-1)!.body.messages.length).to.equal(1);
  });

  it('waits for the network while the browser is offline', async () => {
    const { src, key } = endpoint('resumable');
    const chat = await chatOn(src);
    let online = true;
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => online });
    try {
      const run = chat.send('go');
      await until(() => answer(chat).endsWith('t5'));
      online = false;
      dispatchEvent(new Event('offline'));
      await until(() => chat.state === 'reconnecting' && notice(chat));
      expect(notice(chat)!.textContent).to.include('offline');
      expect(announced(chat)).to.equal(notice(chat)!.textContent?.trim());
      expect((await requestsOf(key)).length).to.equal(1);
      online = true;
      dispatchEvent(new Event('online'));
      await run;
      await chat.settled;
      expect(answer(chat)).to.equal(ALL);
    } finally {
      delete (navigator as { onLine?: boolean }).onLine;
    }
  });

  it('goes on after the page comes back from the back-forward cache', async () => {
    const { src } = endpoint('resumable');
    const chat = await chatOn(src);
    const run = chat.send('go');
    await until(() => answer(chat).endsWith('t5'));
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    await until(() => chat.state === 'reconnecting');
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await run;
    await chat.settled;
    expect(answer(chat)).to.equal(ALL);
  });

  it('tells cancel-src of a run that was stopped', async () => {
    const { src } = endpoint('resumable');
    const cancel = endpoint('echo');
    const chat = await chatOn(src);
    chat.cancelSrc = `${cancel.src}&stream={streamId}`;
    chat.conversationId = 'c9';
    void chat.send('go');
    await until(() => answer(chat).endsWith('t5'));
    await chat.stop();
    expect(answer(chat)).to.equal('t1 t2 t3 t4 t5');
    const request = await until(async () => (await requestsOf(cancel.key))[0]);
    expect(request.method).to.equal('POST');
    expect(request.body).to.deep.equal({ streamId: 's1', conversationId: 'c9' });
  });

  it('sends a draft when the answer is complete, if Enter came before', async () => {
    const { src, key } = endpoint('resumable');
    const chat = await chatOn(src);
    const run = chat.send('go');
    await until(() => answer(chat).endsWith('t5'));
    chat.focus();
    await sendKeys({ type: 'and more' });
    await sendKeys({ press: 'Enter' });
    await chat.updateComplete;
    expect(textarea(chat).value).to.equal('and more');
    expect(chat.shadowRoot!.querySelector('.waiting')!.textContent).to.include('Sent when');
    expect(announced(chat)).to.include('Sent when');
    const sent = nextEvent(chat, 'message_send');
    await fetch(src.replace('/resumable', '/break'));
    await run;
    await sent;
    await until(() => textarea(chat).value === '');
    expect(chat.messages.map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'user', 'assistant']);
    // It may still be on its way.
    await until(async () => (await requestsOf(key)).at(-1)!.body.messages.at(-1)!.content === 'and more');
    await chat.stop();
  });

  it('keeps a waiting draft back after Escape, by its button, when the user writes on, and after Stop', async () => {
    const { src } = endpoint('resumable');
    const chat = await chatOn(src);
    const sends = recordEvents(chat, 'message_send');
    const keep = () => button(chat, 'Keep it here').click();
    for (const [leave, draft] of [
      [() => sendKeys({ press: 'Escape' }), 'later'],
      [keep, 'later'],
      [() => sendKeys({ type: '!' }), 'later!'],
      [() => chat.stop(), 'later'],
    ] as const) {
      const run = chat.send('go');
      await until(() => answer(chat).endsWith('t5'));
      textarea(chat).value = 'later';
      chat.focus();
      await sendKeys({ press: 'Enter' });
      await until(() => chat.shadowRoot!.querySelector('.waiting'));
      await leave();
      await until(() => !chat.shadowRoot!.querySelector('.waiting'));
      await fetch(src.replace('/resumable', '/break'));
      await run;
      await chat.settled;
      expect(textarea(chat).value).to.equal(draft);
    }
    expect(sends.length).to.equal(4);
  });

  it('offers to go on with an answer that was stopped, as long as it is the newest', async () => {
    const { src } = endpoint('resumable');
    const chat = await chatOn(src);
    void chat.send('go');
    await until(() => answer(chat).endsWith('t5'));
    await chat.stop();
    const row = await until(() => chat.shadowRoot!.querySelector('[part~="notice"]'));
    expect(row.classList.contains('quiet')).to.equal(true);
    expect([...row.querySelectorAll('button')].map(({ textContent }) => textContent!.trim())).to.deep.equal([
      'Continue',
      'Try again',
    ]);
    expect(notice(chat)).to.equal(null);
    chat.src = endpoint('echo').src;
    button(chat, 'Try again').click();
    await until(() => chat.state === 'idle');
    await chat.settled;
    expect(answer(chat)).to.equal('You said: go');
    expect(chat.shadowRoot!.querySelector('[part~="notice"]')).to.equal(null);
    chat.messages = [
      { role: 'assistant', content: 'half', status: 'aborted' },
      { role: 'assistant', content: 'whole', status: 'complete' },
    ];
    await chat.settled;
    expect(chat.shadowRoot!.querySelector('[part~="notice"]')).to.equal(null);
  });

  it('sends after the answer, or instead of it, as the page chooses', async () => {
    const { src } = endpoint('resumable');
    const chat = await chatOn(src);
    const states = (): unknown[] => chat.messages.map(({ status }) => status);
    void chat.send('one');
    await until(() => answer(chat).endsWith('t5'));
    void chat.send({ text: 'two', wait: true });
    await fetch(src.replace('/resumable', '/break'));
    await until(() => chat.messages.length === 4 && answer(chat).endsWith('t5'));
    expect(states()).to.deep.equal([undefined, 'complete', undefined, 'streaming']);
    void chat.send('three');
    await until(() => chat.messages.length === 6);
    expect(states().slice(2, 4)).to.deep.equal([undefined, 'aborted']);
    await chat.stop();
  });

  it('stops the run when it is given another src', async () => {
    const { src, key } = endpoint('resumable');
    const chat = await chatOn(src);
    const run = chat.send('one');
    await until(() => answer(chat).endsWith('t5'));
    chat.src = endpoint('echo').src;
    expect(await run).to.deep.include({ reason: 'aborted' });
    await until(async () => (await requestsOf(key))[0]!.left);
    await chat.send('two');
    await chat.settled;
    expect(answer(chat)).to.equal('You said: two');
  });
});
