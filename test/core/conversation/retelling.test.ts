import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation, messageText, type StreamEvent } from '../../../src/core/index.js';

const RESTART: StreamEvent = { type: 'restart' };
const DONE: StreamEvent = { type: 'done', reason: 'stop', complete: true };
const CUT: StreamEvent = { type: 'done', reason: 'error', complete: false };
const text = (content: string): StreamEvent => ({ type: 'text', content });
const call = (id: string): StreamEvent => ({ type: 'tool_call', id, name: 'add', args: {} });

/** What is shown after each event, as text. */
function shownAfter(...events: StreamEvent[]): { shown: string[]; conversation: Conversation } {
  const conversation = new Conversation();
  const { id } = conversation.begin();
  const shown = events.map((event) => {
    conversation.apply(id, event);
    return messageText(conversation.find(id)!);
  });
  return { shown, conversation };
}

describe('an answer that is told again', () => {
  it('stands until the new telling has come as far', () => {
    const { shown } = shownAfter(text('one two'), RESTART, text('one'), text(' two'), text(' three'), DONE);
    assert.deepEqual(shown, ['one two', 'one two', 'one two', 'one two', 'one two three', 'one two three']);
  });

  it('is what the new telling says, also where that is shorter', () => {
    const { shown } = shownAfter(text('one two'), RESTART, text('uno'), DONE);
    assert.deepEqual(shown.slice(1), ['one two', 'one two', 'uno']);
  });

  it('keeps what was there when the new telling breaks off before it', () => {
    const { shown, conversation } = shownAfter(text('one two'), RESTART, text('one'), CUT);
    assert.equal(shown.at(-1), 'one two');
    assert.equal(conversation.lastMessage?.status, 'failed');
  });

  it('keeps the answers of the page', () => {
    const answer: StreamEvent = { type: 'tool_result', id: 'a', result: 3, by: 'client' };
    const { conversation } = shownAfter(call('a'), answer, RESTART, call('a'), call('b'), DONE);
    const tools = conversation.lastMessage!.parts.map((part) => part.type === 'tool' && part.state);
    assert.deepEqual(tools, ['done', 'running']);
  });

  it('takes an answer of the page that comes in between', () => {
    const answer: StreamEvent = { type: 'tool_result', id: 'a', result: 3, by: 'client' };
    const { conversation } = shownAfter(
      text('say '),
      call('a'),
      RESTART,
      text('say '),
      answer,
      call('a'),
      DONE,
    );
    const tools = conversation.lastMessage!.parts.map((part) => part.type === 'tool' && part.state);
    assert.deepEqual(tools, [false, 'done']);
  });

  it('knows a call again whose id is another in each telling', () => {
    const answer: StreamEvent = { type: 'tool_result', id: 'a', result: 3, by: 'client' };
    const { conversation } = shownAfter(call('a'), answer, RESTART, call('x'), call('y'), DONE);
    const tools = conversation.lastMessage!.parts.map(
      (part) => part.type === 'tool' && [part.id, part.state],
    );
    assert.deepEqual(tools, [
      ['a', 'done'],
      ['y', 'running'],
    ]);
  });

  it('stands behind what an earlier answer has told', () => {
    const conversation = new Conversation();
    const { id } = conversation.begin();
    conversation.apply(id, text('First half, '));
    conversation.apply(id, CUT);
    conversation.reopen(id, 'another');
    for (const event of [text('second'), RESTART, text('second half.'), DONE]) conversation.apply(id, event);
    assert.equal(messageText(conversation.find(id)!), 'First half, second half.');
  });
});
