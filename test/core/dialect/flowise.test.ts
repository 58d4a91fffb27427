import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame, StreamEvent } from '../../../src/core/index.js';
import { assistant, decodeAs, detected, encodeAs, frame, opaque, user } from '../../support/dialect.js';
import { frameBytes, readAnswer } from '../../support/wire.js';

function event(name: string, data: unknown): Frame {
  return frame({ event: name, data });
}

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('flowise', ...frames);
}

const end = event('end', '[DONE]');

describe('flowise', () => {
  it('passes over the lines that are no fields', () => {
    const text =
      'message:\ndata:{"event":"token","data":"a"}\n\nmessage\ndata:{"event":"end","data":"[DONE]"}\n\n';
    const frames = [...frameBytes([new TextEncoder().encode(text)])];
    assert.equal(readAnswer(decode(...frames)).text, 'a');
  });

  it('does not say the first token twice', () => {
    assert.equal(
      readAnswer(decode(event('start', 'a'), event('token', 'a'), event('token', 'b'), end)).text,
      'ab',
    );
  });

  it('reads tools that have run, of which a list repeats those before', () => {
    const first = { tool: 'search', toolInput: { q: 1 }, toolOutput: 'found' };
    const second = { tool: 'search', toolInput: '{"q":2}', toolOutput: '', error: 'No.' };
    const events = decode(event('usedTools', [first]), event('usedTools', [first, second]), end);
    const { calls } = readAnswer(events);
    assert.deepEqual(
      calls.map(({ name, args }) => [name, args]),
      [
        ['search', { q: 1 }],
        ['search', { q: 2 }],
      ],
    );
    assert.notEqual(calls[0]?.id, calls[1]?.id);
    assert.deepEqual(
      events.filter(({ type }) => type === 'tool_result'),
      [
        { type: 'tool_result', id: calls[0]?.id, result: 'found' },
        { type: 'tool_result', id: calls[1]?.id, result: 'No.', isError: true },
      ],
    );
  });

  it('gives each source once, by its address or its name', () => {
    const documents = ['https://a.example/', 'manual.pdf', 'manual.pdf'].map((source) => ({
      pageContent: '',
      metadata: { source },
    }));
    assert.deepEqual(readAnswer(decode(event('sourceDocuments', documents), end)).sources, [
      'https://a.example/',
      'manual.pdf',
    ]);
  });

  it('keeps the ids of the chat', () => {
    assert.deepEqual(
      decode(event('metadata', { chatId: 'c', sessionId: 's', chatMessageId: 'm', question: 'q' })).slice(
        0,
        2,
      ),
      [
        { type: 'start', streamId: 'c', messageId: 'm' },
        { type: 'opaque', dialect: 'flowise', value: { chatId: 'c', sessionId: 's' } },
      ],
    );
  });

  it('asks what a flow asks', () => {
    const action = {
      id: 'x',
      mapping: { approve: 'Go', reject: 'Stop' },
      elements: [
        { type: 'approve', label: 'Go' },
        { type: 'reject', label: 'Stop' },
      ],
      data: { nodeId: 'n1', nodeLabel: 'Human', input: 'Send it?' },
    };
    assert.deepEqual(
      decode(event('action', action)).find(({ type }) => type === 'tool_approval'),
      {
        type: 'tool_approval',
        id: 'x',
        message: 'Send it?',
        options: ['Go', 'Stop'],
      },
    );
  });

  it('shows an error, and ends when the flow says so', () => {
    const answer = readAnswer(decode(event('token', 'a'), event('error', 'Model not found'), end));
    assert.equal(answer.errors[0]?.message, 'Model not found');
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: true, origin: 'end' }]);
  });

  it('is not complete without its end', () => {
    assert.equal(readAnswer(decode(event('token', 'a'))).done[0]?.complete, false);
  });

  it('reads an answer that was not streamed', () => {
    const answer = readAnswer(
      decode(
        frame(
          { text: 'a', chatId: 'c', sourceDocuments: [{ metadata: { source: 's' } }] },
          { framing: 'json' },
        ),
      ),
    );
    assert.deepEqual([answer.text, answer.sources, answer.done[0]?.complete], ['a', ['s'], true]);
  });

  it('passes other events on', () => {
    assert.deepEqual(decode(event('nextAgent', 'writer'))[0], {
      type: 'data',
      name: 'nextAgent',
      value: 'writer',
    });
  });

  it('is told by an event and its data, and nothing else', () => {
    assert.equal(detected(event('token', 'a')), 'flowise');
    assert.equal(detected(frame({ event: 'token', data: 'a', seq: 1 })), 'plain');
  });

  it('asks with the session of the conversation, and then with what the flow named', () => {
    const image = { type: 'file', mediaType: 'image/png', data: 'AAAA', name: 'a.png' } as const;
    assert.deepEqual(
      encodeAs('flowise', [user([{ type: 'text', text: 'Hi' }, image])], {
        body: { overrideConfig: { temperature: 0 } },
      }),
      {
        question: 'Hi',
        streaming: true,
        overrideConfig: { sessionId: 'conv', temperature: 0 },
        uploads: [{ type: 'file', name: 'a.png', data: 'data:image/png;base64,AAAA', mime: 'image/png' }],
      },
    );
    assert.deepEqual(
      encodeAs('flowise', [
        user('Hi'),
        assistant('Hello', opaque('flowise', { chatId: 'c', sessionId: 's' })),
        user('More', 'u2'),
      ]),
      { question: 'More', streaming: true, chatId: 'c', overrideConfig: { sessionId: 's' } },
    );
  });

  it('answers a flow that waits with the decision of the user', () => {
    const waiting = assistant(
      opaque('flowise', { nodeId: 'n1', mapping: { approve: 'Go', reject: 'Stop' } }),
    );
    const decide = (text: string): unknown =>
      encodeAs('flowise', [user('Send'), waiting, user(text, 'u2')])['humanInput'];
    assert.deepEqual(decide('go'), { type: 'proceed', startNodeId: 'n1' });
    assert.deepEqual(decide('reject'), { type: 'reject', startNodeId: 'n1' });
    assert.equal(decide('Why?'), undefined);
  });
});
