import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reduceMessage } from '../../../src/core/conversation/reduce-message.js';
import type { Message, StreamEvent } from '../../../src/core/model/index.js';

const EMPTY: Message = { id: 'm', role: 'assistant', parts: [], status: 'streaming' };

function reduce(...events: StreamEvent[]): Message {
  return events.reduce(reduceMessage, EMPTY);
}

describe('reduceMessage', () => {
  it('joins text deltas into one part', () => {
    const message = reduce({ type: 'text', content: 'Hel' }, { type: 'text', content: 'lo' });
    assert.deepEqual(message.parts, [{ type: 'text', text: 'Hello' }]);
  });

  it('keeps the order in which text, reasoning and tools arrive', () => {
    const message = reduce(
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'one' },
      { type: 'tool_call_start', id: 't', name: 'look', by: 'client' },
      { type: 'text', content: 'two' },
    );
    assert.deepEqual(
      message.parts.map(({ type }) => type),
      ['reasoning', 'text', 'tool', 'text'],
    );
  });

  it('goes on with a text across the sources and opaque parts that come in its middle', () => {
    const message = reduce(
      { type: 'text', content: 'See ' },
      { type: 'source', id: 's' },
      { type: 'opaque', dialect: 'd', value: 1 },
      { type: 'text', content: 'this.' },
    );
    assert.deepEqual(message.parts[0], { type: 'text', text: 'See this.' });
    assert.equal(message.parts.length, 3);
  });

  it('puts a snapshot in the place of all text', () => {
    const message = reduce(
      { type: 'text', content: 'draft' },
      { type: 'tool_call', id: 't', name: 'look', args: {} },
      { type: 'text', content: ' more' },
      { type: 'text_set', content: 'final' },
    );
    assert.deepEqual(
      message.parts.map((part) => (part.type === 'text' ? part.text : part.type)),
      ['final', 'tool'],
    );
  });

  it('follows a tool call from its first argument to its result', () => {
    const start: StreamEvent = { type: 'tool_call_start', id: 't', name: 'look', by: 'client' };
    const preparing = reduce(start, { type: 'tool_call_delta', id: 't', delta: '{"a":' });
    assert.deepEqual(preparing.parts[0], {
      type: 'tool',
      id: 't',
      name: 'look',
      by: 'client',
      state: 'preparing',
      argsText: '{"a":',
    });
    const running = reduceMessage(preparing, { type: 'tool_call', id: 't', name: 'look', args: { a: 1 } });
    assert.equal((running.parts[0] as { state: string }).state, 'running');
    const failed = reduceMessage(running, { type: 'tool_result', id: 't', result: 'no', isError: true });
    assert.equal((failed.parts[0] as { state: string }).state, 'failed');
  });

  it('gives the same message back where an event says nothing about it', () => {
    const message = reduce({ type: 'text', content: 'a' });
    for (const event of [
      { type: 'usage', inputTokens: 1 },
      { type: 'data', name: 'x', value: 1 },
      { type: 'text', content: '' },
      { type: 'tool_result', id: 'unknown', result: 1 },
    ] satisfies StreamEvent[]) {
      assert.equal(reduceMessage(message, event), message, event.type);
    }
  });

  it('keeps the identity of parts that did not change', () => {
    const before = reduce({ type: 'reasoning', content: 'hm' }, { type: 'text', content: 'a' });
    const after = reduceMessage(before, { type: 'text', content: 'b' });
    assert.equal(after.parts[0], before.parts[0]);
  });

  it('takes a call that comes again for the same call', () => {
    const call: StreamEvent = { type: 'tool_call', id: 'c', name: 'add', args: { n: 1 } };
    const result: StreamEvent = { type: 'tool_result', id: 'c', result: 2, by: 'client' };
    const answered = reduce(call, result);
    for (const event of [
      { type: 'tool_call_start', id: 'c', name: 'add', by: 'client' },
      { type: 'tool_call_delta', id: 'c', delta: '{"n"' },
      call,
    ] as const) {
      assert.equal(reduceMessage(answered, event), answered);
    }
  });

  it('keeps the question about a call with the call', () => {
    const message = reduce(
      { type: 'tool_call', id: 'c', name: 'drop', args: {} },
      { type: 'tool_approval', id: 'c', message: 'May it run?', options: ['yes', 'no'] },
    );
    const [part] = message.parts;
    assert.ok(part?.type === 'tool');
    assert.deepEqual(part.approval, { message: 'May it run?', options: ['yes', 'no'] });
  });

  it('counts a source once', () => {
    const source: StreamEvent = { type: 'source', id: 'https://a.example/', url: 'https://a.example/' };
    assert.equal(reduce(source, source).parts.length, 1);
  });

  for (const [name, events, status] of [
    ['complete', [{ type: 'done', reason: 'stop', complete: true }], 'complete'],
    ['short of its end', [{ type: 'done', reason: 'unknown', complete: false }], 'interrupted'],
    ['by the user', [{ type: 'done', reason: 'aborted', complete: false }], 'aborted'],
    [
      'with its connection',
      [
        { type: 'error', code: 'network', message: 'gone', recoverable: true },
        { type: 'done', reason: 'error', complete: false },
      ],
      'interrupted',
    ],
    [
      'with an error',
      [
        { type: 'error', code: 'provider', message: 'overloaded', recoverable: true },
        { type: 'done', reason: 'error', complete: false },
      ],
      'failed',
    ],
  ] as const) {
    it(`is ${status} when it ended ${name}`, () => {
      const message = reduce({ type: 'text', content: 'kept' }, ...events);
      assert.equal(message.status, status);
      assert.deepEqual(message.parts, [{ type: 'text', text: 'kept' }]);
    });
  }
});
