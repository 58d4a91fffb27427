import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Message, type MessagePart, type RunInput } from '../../../src/core/index.js';
import { answeredCall } from '../../support/dialect.js';

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  return getDialect('ag-ui').encode({ conversationId: 'conv', messages: [], tools: [], ...fields });
}

function messagesOf(...messages: Message[]): Record<string, unknown>[] {
  return encode({ messages })['messages'] as Record<string, unknown>[];
}

function assistant(...parts: MessagePart[]): Message {
  return { id: 'a', role: 'assistant', parts };
}

function user(text: string): Message {
  return { id: 'u', role: 'user', parts: [{ type: 'text', text }] };
}

function kept(value: unknown): MessagePart {
  return { type: 'opaque', dialect: 'ag-ui', value };
}

const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };

describe('the request of ag-ui', () => {
  it('has every field that strict agents insist on, and a run id of its own', () => {
    const { runId, ...body } = encode({});
    assert.deepEqual(body, {
      threadId: 'conv',
      state: {},
      messages: [],
      tools: [],
      context: [],
      forwardedProps: {},
    });
    assert.match(String(runId), /^[\da-f-]{36}$/);
    assert.notEqual(encode({})['runId'], runId);
  });

  it('has the system text first, the tools, and the fields of the page last', () => {
    const { runId: _, ...body } = encode({
      model: 'm',
      system: 'Be brief.',
      messages: [user('Hello')],
      tools: [{ name: 'f', description: 'F' }],
      body: { state: { a: 1 } },
    });
    assert.deepEqual(body, {
      threadId: 'conv',
      state: { a: 1 },
      messages: [
        { id: 'system', role: 'system', content: 'Be brief.' },
        { id: 'u', role: 'user', content: 'Hello' },
      ],
      tools: [{ name: 'f', description: 'F', parameters: { type: 'object', properties: {} } }],
      context: [],
      forwardedProps: { model: 'm' },
    });
  });

  it('sends files as parts of their kind', () => {
    const message: Message = {
      id: 'u',
      role: 'user',
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
        { type: 'file', url: 'data:audio/wav;base64,QQ==', mediaType: 'audio/wav' },
        { type: 'file', url: 'data:text/csv,%41', mediaType: 'text/csv' },
        { type: 'file', data: 'QQ==', mediaType: 'application/pdf', name: 'a.pdf' },
      ],
    };
    assert.deepEqual(messagesOf(message)[0]?.['content'], [
      { type: 'text', text: 'Look' },
      { type: 'image', source: { type: 'url', value: 'https://example.com/a.png', mimeType: 'image/png' } },
      { type: 'audio', source: { type: 'data', value: 'QQ==', mimeType: 'audio/wav' } },
      { type: 'document', source: { type: 'data', value: 'QQ==', mimeType: 'text/csv' } },
      {
        type: 'document',
        source: { type: 'data', value: 'QQ==', mimeType: 'application/pdf' },
        metadata: { filename: 'a.pdf' },
      },
    ]);
  });

  it('sends calls back with their results right behind them', () => {
    const message = assistant(
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Let me see.' },
      answeredCall(),
      answeredCall({ id: 'c2', state: 'failed', argsText: '', args: {}, result: 'No.' }),
      answeredCall({ id: 'c3', by: 'server' }),
      answeredCall({ id: 'c4', state: 'preparing' }),
      { type: 'text', text: 'Done.' },
    );
    assert.deepEqual(messagesOf(user('Hello'), message).slice(1), [
      {
        id: 'a',
        role: 'assistant',
        content: 'Let me see.',
        toolCalls: [call, { id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { id: 'c1-result', role: 'tool', toolCallId: 'c1', content: 'ok' },
      { id: 'c2-result', role: 'tool', toolCallId: 'c2', content: 'No.', error: 'No.' },
      { id: 'a-1', role: 'assistant', content: 'Done.' },
    ]);
  });

  it('sends the results that a page keeps in messages of their own', () => {
    const answer: Message = { id: 't', role: 'tool', parts: [answeredCall({ result: { b: [2] } })] };
    assert.deepEqual(messagesOf(answer), [
      { id: 'c1-result', role: 'tool', toolCallId: 'c1', content: '{"b":[2]}' },
    ]);
  });

  it('closes a call without a result as an error', () => {
    const [, result] = messagesOf(assistant(answeredCall({ state: 'running', result: undefined })));
    assert.equal(typeof result?.['error'], 'string');
  });
});

describe('what goes back to an agent of ag-ui as it came', () => {
  it('gives messages and results the ids that the agent knows', () => {
    const message = assistant(
      kept({ messageId: 'm1' }),
      { type: 'text', text: 'Let me see.' },
      answeredCall(),
      kept({ toolCallId: 'c1', resultId: 'r1' }),
      kept({ messageId: 'm2' }),
      { type: 'text', text: 'Done.' },
    );
    assert.deepEqual(messagesOf(message), [
      { id: 'm1', role: 'assistant', content: 'Let me see.', toolCalls: [call] },
      { id: 'r1', role: 'tool', toolCallId: 'c1', content: 'ok' },
      { id: 'm2', role: 'assistant', content: 'Done.' },
    ]);
  });

  it('gives encrypted values back in their place', () => {
    const reasoning = { id: 'r', role: 'reasoning', content: 'hm', encryptedValue: 'x' };
    const message = assistant(
      { type: 'reasoning', text: 'hm' },
      kept({ reasoning }),
      kept({ messageId: 'm1' }),
      { type: 'text', text: 'a' },
      kept({ entityId: 'm1', encryptedValue: 'y', encryptedValueType: 'p.kind' }),
      answeredCall(),
      kept({ entityId: 'c1', encryptedValue: 'z' }),
    );
    assert.deepEqual(messagesOf(message).slice(0, 2), [
      reasoning,
      {
        id: 'm1',
        role: 'assistant',
        content: 'a',
        toolCalls: [{ ...call, encryptedValue: 'z' }],
        encryptedValue: 'y',
        encryptedValueType: 'p.kind',
      },
    ]);
  });

  it('leaves the opaque parts of other dialects alone', () => {
    const other: MessagePart = { type: 'opaque', dialect: 'other', value: { messageId: 'x' } };
    assert.equal(messagesOf(assistant(other, { type: 'text', text: 'a' }))[0]?.['id'], 'a');
  });
});

describe('answers to interrupts of ag-ui', () => {
  const aboutCall = kept({ interrupt: { id: 'i1', toolCallId: 'c1' } });
  const question = kept({ interrupt: { id: 'i2' } });

  it('answer an interrupt with the result of its call, in place of a tool message', () => {
    const body = encode({ messages: [assistant(answeredCall({ result: { approved: true } }), aboutCall)] });
    assert.deepEqual(body['resume'], [
      { interruptId: 'i1', status: 'resolved', payload: { approved: true } },
    ]);
    assert.deepEqual(body['messages'], [{ id: 'a', role: 'assistant', toolCalls: [call] }]);
  });

  it('have no payload where the result says nothing', () => {
    const body = encode({ messages: [assistant(answeredCall({ result: null }), aboutCall)] });
    assert.deepEqual(body['resume'], [{ interruptId: 'i1', status: 'resolved' }]);
  });

  it('give up what nobody answered, since all of them need an answer', () => {
    const message = assistant(answeredCall({ state: 'failed', result: 'No.' }), aboutCall, question);
    assert.deepEqual(encode({ messages: [message] })['resume'], [
      { interruptId: 'i1', status: 'cancelled' },
      { interruptId: 'i2', status: 'cancelled' },
    ]);
  });

  it('take what the user writes for the answer to a question that is not about a call', () => {
    assert.deepEqual(encode({ messages: [assistant(question), user('Ulm')] })['resume'], [
      { interruptId: 'i2', status: 'resolved', payload: 'Ulm' },
    ]);
  });

  it('are sent once', () => {
    const later: Message = { id: 'b', role: 'assistant', parts: [{ type: 'text', text: 'Done.' }] };
    const body = encode({ messages: [assistant(answeredCall(), aboutCall), later, user('More')] });
    assert.ok(!('resume' in body));
    assert.equal((body['messages'] as object[]).length, 4);
  });
});
