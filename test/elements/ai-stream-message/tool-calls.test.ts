import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamMessageElement, ToolCallEvent } from '../../../src/index.js';
import { endpoint, nextEvent, recordEvents } from '../support.js';

describe('a message alone', () => {
  it('tells of arguments as they come, then of the call, and shows what the page answers', async () => {
    const message = document.createElement('ai-stream-message');
    const events = recordEvents(message, 'tool_call_delta', 'tool_call');
    message.addEventListener('tool_call', (event) => (event as ToolCallEvent).respondWith('filled'));
    message.src = endpoint('tool').src;
    message.body = { messages: [{ role: 'user' }] };
    const ended = nextEvent(message, 'stream_end');
    document.body.append(message);
    await ended;
    await message.settled;
    expect(events.at(-1)!.type).to.equal('tool_call');
    expect(events.at(-1)!.detail.args).to.deep.equal({ name: 'Ada', guests: 2 });
    expect(events.length).to.be.above(1);
    expect(events[0]!.detail).to.deep.include({ id: 'c1', name: 'fill_form' });
    const row = message.shadowRoot!.querySelector('details[part="tool"]')!;
    expect(row.textContent).to.contain('filled');
    message.remove();
  });

  it('shows what waits for the user without answers that nobody would hear', async () => {
    const message = await fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
    message.parts = [
      {
        type: 'tool',
        id: 'c',
        name: 'drop',
        by: 'client',
        state: 'waiting',
        argsText: '',
        args: { a: 1 },
        approval: { message: 'Sure?' },
      },
    ];
    await message.settled;
    const row = message.shadowRoot!.querySelector<HTMLDetailsElement>('details[part="tool"]')!;
    expect(row.open).to.equal(true);
    expect(row.textContent).to.contain('Sure?');
    expect(row.querySelector('button')).to.equal(null);
    const answers: unknown[] = [];
    message.toolActions = { approve: (...answer) => answers.push(answer), undo: () => {} };
    await message.settled;
    row.querySelector('button')!.click();
    expect(answers).to.deep.equal([['c', true]]);
  });
});
