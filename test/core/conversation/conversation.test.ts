import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation, type ConversationChange } from '../../../src/core/conversation/conversation.js';
import type { StreamEvent } from '../../../src/core/model/index.js';

/** Applies events to a new answer, and returns what the conversation says of each of them. */
function changesBy(...events: StreamEvent[]): ConversationChange[] {
  const conversation = new Conversation();
  const { id } = conversation.begin();
  const changes: ConversationChange[] = [];
  conversation.subscribe((change) => change.type !== 'phase' && changes.push(change));
  for (const event of events) conversation.apply(id, event);
  return changes.map((change) => ('messageId' in change ? { ...change, messageId: 'm' } : change));
}

describe('Conversation', () => {
  it('offers to take back nothing that was saved: nobody is left who could', () => {
    const conversation = new Conversation();
    const saved = {
      role: 'assistant' as const,
      parts: [
        {
          type: 'tool' as const,
          id: 'a',
          name: 'add',
          by: 'client' as const,
          state: 'done' as const,
          argsText: '',
          canUndo: true,
        },
      ],
    };
    conversation.replace([saved]);
    conversation.prepend([saved]);
    assert.deepEqual(
      conversation.messages.flatMap(({ parts }) => parts.map((part) => 'canUndo' in part && part.canUndo)),
      [undefined, undefined],
    );
  });

  it('says which part grew, and by what', () => {
    assert.deepEqual(
      changesBy(
        { type: 'reasoning', content: 'Let me' },
        { type: 'reasoning', content: ' see.' },
        { type: 'text', content: 'It' },
        { type: 'text', content: ' is' },
        { type: 'source', id: 's' },
        { type: 'text', content: ' so.' },
      ),
      [
        { type: 'message', messageId: 'm' },
        { type: 'text', messageId: 'm', part: 'reasoning', content: ' see.' },
        { type: 'message', messageId: 'm' },
        { type: 'text', messageId: 'm', part: 'text', content: ' is' },
        { type: 'message', messageId: 'm' },
        { type: 'text', messageId: 'm', part: 'text', content: ' so.' },
      ],
    );
  });

  it('says which arguments grew, and by what, also of two calls at a time', () => {
    assert.deepEqual(
      changesBy(
        { type: 'tool_call_start', id: 'a', name: 'look', by: 'client' },
        { type: 'tool_call_start', id: 'b', name: 'look', by: 'client' },
        { type: 'tool_call_delta', id: 'b', delta: '{"n"' },
        { type: 'tool_call_delta', id: 'a', delta: '{' },
        { type: 'tool_call_delta', id: 'b', delta: ':1}' },
        { type: 'tool_call', id: 'b', name: 'look', args: { n: 1 } },
      ).slice(2),
      [
        { type: 'tool_arguments', messageId: 'm', id: 'b', delta: '{"n"' },
        { type: 'tool_arguments', messageId: 'm', id: 'a', delta: '{' },
        { type: 'tool_arguments', messageId: 'm', id: 'b', delta: ':1}' },
        { type: 'message', messageId: 'm' },
      ],
    );
  });

  it('says nothing of deltas that add nothing, or belong to no call', () => {
    assert.deepEqual(
      changesBy(
        { type: 'text', content: '' },
        { type: 'tool_call_delta', id: 'unknown', delta: '{}' },
        { type: 'tool_call_start', id: 'a', name: 'look', by: 'client' },
        { type: 'tool_call_delta', id: 'a', delta: '' },
      ),
      [{ type: 'message', messageId: 'm' }],
    );
  });

  it('names the message that holds the call when its result comes with a later answer', () => {
    const conversation = new Conversation();
    const first = conversation.begin();
    conversation.apply(first.id, { type: 'tool_call', id: 'a', name: 'look', args: {} });
    const second = conversation.begin();
    const changes: ConversationChange[] = [];
    conversation.subscribe((change) => changes.push(change));
    conversation.apply(second.id, { type: 'tool_result', id: 'a', result: 1 });
    assert.deepEqual(changes, [{ type: 'message', messageId: first.id }]);
  });
});
