import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { decodeAs, frame } from '../../support/dialect.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

function decode(...frames: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('ai-sdk-ui', ...frames);
}

function ofType(events: StreamEvent[], ...types: StreamEvent['type'][]): StreamEvent[] {
  return events.filter(({ type }) => types.includes(type));
}

const start = { type: 'start', messageId: 'm1' };
const step = { type: 'start-step' };
const stepEnd = { type: 'finish-step' };
const stop = { type: 'finish', finishReason: 'stop' };
const text = (delta: string, id = '0'): object => ({ type: 'text-delta', id, delta });
const call = (toolCallId: string, more: object = {}): object => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'f',
  input: { a: 1 },
  ...more,
});

describe('text and reasoning of ai-sdk-ui', () => {
  it('joins parts over steps that use the same ids', () => {
    const one = [
      step,
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'hm' },
      { type: 'reasoning-end', id: '0' },
      { type: 'text-start', id: '0' },
      text('a'),
      { type: 'text-end', id: '0' },
      stepEnd,
    ];
    const events = decode(start, ...one, ...one, stop, '[DONE]');
    const answer = readAnswer(events);
    assert.deepEqual([answer.text, answer.reasoning], ['aa', 'hmhm']);
    assert.equal(ofType(events, 'step').length, 2);
    assert.deepEqual(ofType(events, 'opaque').slice(1), []);
  });

  it('reads a stream that is joined in the middle of a part', () => {
    const answer = readAnswer(
      decode(text('b', 't7'), { type: 'text-end', id: 't7' }, stepEnd, stop, '[DONE]'),
    );
    assert.equal(answer.text, 'b');
    assert.deepEqual(answer.errors, []);
    assert.equal(answer.done[0]?.reason, 'stop');
  });

  it('reads the deltas of a server that sends its own parts as they are', () => {
    assert.equal(readAnswer(decode({ type: 'text-delta', id: '0', text: 'a' }, '[DONE]')).text, 'a');
  });

  it('goes back to what stood before a step that is started over', () => {
    const events = decode(
      step,
      text('a'),
      stepEnd,
      step,
      text('b'),
      call('c1'),
      { type: 'custom', kind: 'x.y', providerMetadata: {} },
      { type: 'reset-step' },
      text('c'),
      { type: 'reset-step' },
      text('d'),
      stepEnd,
      stop,
    );
    const answer = readAnswer(events);
    assert.equal(answer.text, 'ad');
    assert.deepEqual(
      ofType(events, 'text_set').map((event) => event.type === 'text_set' && event.content),
      ['a', 'a'],
    );
    assert.deepEqual(
      answer.toolResults.map(({ id, isError }) => [id, isError]),
      [['c1', true]],
    );
    assert.equal(answer.done[0]?.reason, 'stop');
    assert.deepEqual(
      ofType(events, 'opaque').map((event) => event.type === 'opaque' && event.value),
      [
        { type: 'custom', kind: 'x.y', providerMetadata: {} },
        { type: 'reset-step', dropped: 1 },
      ],
    );
  });

  it('reads the text protocol when it is told to', () => {
    const events = decode(frame('Hel', { framing: 'text' }), frame('lo', { framing: 'text' }));
    assert.equal(readAnswer(events).text, 'Hello');
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'unknown', complete: true });
  });
});

describe('tool calls of ai-sdk-ui', () => {
  it('tells a call from its start to its result', () => {
    assert.deepEqual(
      decode(
        { type: 'tool-input-start', toolCallId: 'c', toolName: 'f' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"a"' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: ':1}' },
        call('c'),
        { type: 'tool-output-available', toolCallId: 'c', output: { ok: true } },
        { type: 'finish' },
      ),
      [
        { type: 'tool_call_start', id: 'c', name: 'f', by: 'client' },
        { type: 'tool_call_delta', id: 'c', delta: '{"a"' },
        { type: 'tool_call_delta', id: 'c', delta: ':1}' },
        { type: 'tool_call', id: 'c', name: 'f', args: { a: 1 } },
        { type: 'tool_result', id: 'c', result: { ok: true } },
        { type: 'done', reason: 'unknown', complete: true },
      ],
    );
  });

  it('keeps parallel calls apart whose arguments interleave', () => {
    const begin = (id: string): object => ({ type: 'tool-input-start', toolCallId: id, toolName: 'f' });
    const args = (id: string, inputTextDelta: string): object => ({
      type: 'tool-input-delta',
      toolCallId: id,
      inputTextDelta,
    });
    const events = decode(
      begin('a'),
      begin('b'),
      args('a', '{'),
      args('b', '['),
      args('a', '}'),
      call('b'),
      call('a'),
    );
    assert.deepEqual(
      ofType(events, 'tool_call_delta').map((event) => 'delta' in event && [event.id, event.delta]),
      [
        ['a', '{'],
        ['b', '['],
        ['a', '}'],
      ],
    );
    assert.deepEqual(
      readAnswer(events).toolCalls.map(({ id }) => id),
      ['b', 'a'],
    );
  });

  it('never gives a call whose input did not arrive whole', () => {
    const events = decode(
      { type: 'tool-input-start', toolCallId: 'c', toolName: 'f' },
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{}' },
    );
    assert.deepEqual(readAnswer(events).toolCalls, []);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'unknown', complete: false });
  });

  it('tells the tools of the provider apart', () => {
    const answer = readAnswer(
      decode(call('s', { providerExecuted: true, toolName: 'web_search' }), call('c'), stop, '[DONE]'),
    );
    assert.deepEqual(answer.serverTools, [{ id: 's', type: 'web_search' }]);
    assert.deepEqual(
      answer.toolCalls.map(({ id }) => id),
      ['c'],
    );
  });

  it('gives preliminary results, and waits for the last one', () => {
    const output = (value: number, preliminary?: boolean): object => ({
      type: 'tool-output-available',
      toolCallId: 'c',
      output: value,
      ...(preliminary && { preliminary }),
    });
    const answer = readAnswer(decode(call('c'), output(1, true), stop));
    assert.equal(answer.done[0]?.reason, 'tool_calls');
    const whole = readAnswer(decode(call('c'), output(1, true), output(2), stop));
    assert.deepEqual(
      whole.toolResults.map(({ result }) => result),
      [1, 2],
    );
    assert.equal(whole.done[0]?.reason, 'stop');
  });

  it('takes an input that the endpoint refuses for a call that failed', () => {
    const answer = readAnswer(
      decode(call('c', { type: 'tool-input-error', errorText: 'No such tool.' }), {
        type: 'finish',
        finishReason: 'tool-calls',
      }),
    );
    assert.equal(answer.toolCalls.length, 1);
    assert.deepEqual(answer.toolResults, [{ id: 'c', result: 'No such tool.', isError: true }]);
  });

  it('gives the result of a call that an earlier message made', () => {
    const answer = readAnswer(
      decode(start, { type: 'tool-output-available', toolCallId: 'earlier', output: 1 }, stop),
    );
    assert.deepEqual(answer.toolResults, [{ id: 'earlier', result: 1, isError: false }]);
  });

  it('asks for approval under the id of the call, and keeps the id of the question', () => {
    const events = decode(
      call('c'),
      {
        type: 'tool-approval-request',
        approvalId: 'q',
        toolCallId: 'c',
        reason: 'Delete it?',
        signature: 's',
      },
      { type: 'finish', finishReason: 'tool-calls' },
    );
    assert.deepEqual(ofType(events, 'tool_approval', 'opaque'), [
      {
        type: 'opaque',
        dialect: 'ai-sdk-ui',
        value: {
          type: 'tool',
          toolCallId: 'c',
          approval: { id: 'q', requestReason: 'Delete it?', signature: 's' },
        },
      },
      { type: 'tool_approval', id: 'c', message: 'Delete it?' },
    ]);
  });

  it('does not ask where the endpoint answers by itself', () => {
    const events = decode(
      call('c'),
      { type: 'tool-approval-request', approvalId: 'q', toolCallId: 'c', isAutomatic: true },
      { type: 'tool-approval-response', approvalId: 'q', approved: false },
      { type: 'tool-output-denied', toolCallId: 'c' },
      stop,
    );
    assert.deepEqual(ofType(events, 'tool_approval'), []);
    assert.equal(readAnswer(events).toolResults[0]?.isError, true);
  });

  it('stops showing arguments that are longer than the limit, and gives the call all the same', () => {
    const delta = { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 'x'.repeat(600_000) };
    const events = decode(
      { type: 'tool-input-start', toolCallId: 'c', toolName: 'f' },
      delta,
      delta,
      call('c'),
    );
    assert.equal(ofType(events, 'tool_call_delta').length, 1);
    assert.equal(readAnswer(events).toolCalls.length, 1);
  });
});

describe('what else ai-sdk-ui sends', () => {
  it('passes data parts and metadata to the page, and reads the tokens in the latter', () => {
    const events = decode(
      { ...start, messageMetadata: { model: 'gpt', createdAt: 1 } },
      { type: 'data-weather', id: 'w', data: { city: 'Ulm' } },
      { type: 'message-metadata', messageMetadata: { progress: 1 } },
      { ...stop, messageMetadata: { totalUsage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } } },
    );
    assert.deepEqual(ofType(events, 'start', 'data', 'usage'), [
      { type: 'start', messageId: 'm1', model: 'gpt' },
      { type: 'data', name: 'message-metadata', value: { model: 'gpt', createdAt: 1 } },
      { type: 'data', name: 'weather', value: { city: 'Ulm' } },
      { type: 'data', name: 'message-metadata', value: { progress: 1 } },
      {
        type: 'data',
        name: 'message-metadata',
        value: { totalUsage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } },
      },
      { type: 'usage', inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    ]);
  });

  it('gives sources once by address, and files', () => {
    const events = decode(
      { type: 'source-url', sourceId: 's1', url: 'https://a.example', title: 'A' },
      { type: 'source-url', sourceId: 's2', url: 'https://a.example' },
      { type: 'source-document', sourceId: 'd1', mediaType: 'application/pdf', filename: 'a.pdf' },
      { type: 'file', url: 'data:image/png;base64,QQ==', mediaType: 'image/png' },
      stop,
    );
    assert.deepEqual(ofType(events, 'source', 'file'), [
      { type: 'source', id: 's1', url: 'https://a.example', title: 'A' },
      { type: 'source', id: 'd1', title: 'a.pdf' },
      { type: 'file', url: 'data:image/png;base64,QQ==', mediaType: 'image/png' },
    ]);
  });

  it('keeps what a provider wants back with a part, as it stood last', () => {
    const values = ofType(
      decode(
        { type: 'reasoning-start', id: 'r', providerMetadata: { openai: { itemId: 'rs' } } },
        { type: 'reasoning-delta', id: 'r', delta: 'hm' },
        { type: 'reasoning-end', id: 'r', providerMetadata: { openai: { itemId: 'rs', secret: 'x' } } },
        { type: 'text-start', id: 't', providerMetadata: { openai: { itemId: 'msg' } } },
        text('a', 't'),
        { type: 'text-end', id: 't' },
        call('c', { dynamic: true, providerMetadata: { google: { thoughtSignature: 's' } } }),
        stop,
      ),
      'opaque',
    ).map((event) => event.type === 'opaque' && event.value);
    assert.deepEqual(values, [
      { type: 'reasoning', text: 'hm', providerMetadata: { openai: { itemId: 'rs', secret: 'x' } } },
      { type: 'text', text: 'a', providerMetadata: { openai: { itemId: 'msg' } } },
      {
        type: 'tool',
        toolCallId: 'c',
        dynamic: true,
        callProviderMetadata: { google: { thoughtSignature: 's' } },
      },
    ]);
  });

  it('passes over types that it does not know, and counts them', () => {
    const decoder = getDialect('ai-sdk-ui').createDecoder();
    const events = decodeFrames(
      [{ type: 'ping' }, { type: 'video' }, text('a'), stop].map((each) => frame(each)),
      decoder,
    );
    assert.equal(readAnswer(events).text, 'a');
    assert.deepEqual(readAnswer(events).errors, []);
    assert.equal(decoder.unknownFrames, 2);
  });
});

describe('errors and the end of ai-sdk-ui', () => {
  it('shows an error once, and ends with the reason that comes after it', () => {
    const error = { type: 'error', errorText: 'An error occurred.' };
    const answer = readAnswer(
      decode(text('a'), error, error, { type: 'finish', finishReason: 'other' }, '[DONE]'),
    );
    assert.deepEqual(
      answer.errors.map(({ code, message, recoverable }) => [code, message, recoverable]),
      [['provider', 'An error occurred.', true]],
    );
    assert.equal(answer.text, 'a');
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: true, origin: 'other' }]);
  });

  it('takes an abort for the end that it is', () => {
    assert.deepEqual(decode(text('a'), { type: 'abort', reason: 'stopped' }, '[DONE]').at(-1), {
      type: 'done',
      reason: 'aborted',
      complete: true,
      origin: 'abort',
    });
  });

  it('is complete with a finish or [DONE], and not without', () => {
    assert.deepEqual(decode(text('a'), stop).at(-1), {
      type: 'done',
      reason: 'stop',
      complete: true,
      origin: 'stop',
    });
    assert.deepEqual(decode(text('a'), '[DONE]').at(-1), { type: 'done', reason: 'unknown', complete: true });
    assert.deepEqual(decode(text('a'), stepEnd).at(-1), { type: 'done', reason: 'unknown', complete: false });
  });

  it('waits for the page while a call has no result, whatever the reason says', () => {
    assert.deepEqual(decode(call('c'), stop).at(-1), {
      type: 'done',
      reason: 'tool_calls',
      complete: true,
      origin: 'stop',
    });
  });

  it('skips an event that is not JSON, and cuts the last one off silently', () => {
    const answer = readAnswer(
      decode(text('a'), '{"type":', text('b'), frame('{"type":"te', { closed: false })),
    );
    assert.equal(answer.text, 'ab');
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['protocol'],
    );
    const cut = readAnswer(decode(text('a'), frame('{"type":"te', { closed: false })));
    assert.deepEqual(cut.errors, []);
  });

  it('reports an answer in which nothing is known', () => {
    const answer = readAnswer(decode({ hello: 1 }));
    assert.equal(answer.errors[0]?.code, 'protocol');
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('reads an error in another shape than its own', () => {
    assert.equal(readAnswer(decode({ error: { message: 'No.' } })).errors[0]?.message, 'No.');
  });
});
