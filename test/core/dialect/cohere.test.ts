import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getDialect,
  type Frame,
  type Message,
  type RunInput,
  type StreamEvent,
} from '../../../src/core/index.js';
import { decodeAs, frame } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

function decode(...events: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('cohere', ...events);
}

function event(type: string, message: object, index?: number): object {
  return { type, index, delta: { message } };
}

const begin = { type: 'message-start', id: 'm1', delta: { message: { role: 'assistant', content: [] } } };

function say(text: string): object {
  return event('content-delta', { content: { text } }, 0);
}

function call(index: number, id: string, ...pieces: string[]): object[] {
  return [
    event(
      'tool-call-start',
      { tool_calls: { id, type: 'function', function: { name: 'f', arguments: '' } } },
      index,
    ),
    ...pieces.map((piece) =>
      event('tool-call-delta', { tool_calls: { function: { arguments: piece } } }, index),
    ),
    { type: 'tool-call-end', index },
  ];
}

function end(finish_reason: string, more: object = {}): object {
  return { type: 'message-end', delta: { finish_reason, ...more } };
}

function cite(...sources: object[]): object {
  return event('citation-start', { citations: { start: 0, end: 1, text: 'a', sources } }, 0);
}

describe('the stream of cohere', () => {
  it('tells of an answer from its start to its end, which is message-end', () => {
    const usage = { billed_units: { input_tokens: 1 }, tokens: { input_tokens: 5, output_tokens: 2 } };
    assert.deepEqual(
      decode(
        begin,
        event('content-start', { content: { type: 'thinking', thinking: 'H' } }, 0),
        event('content-delta', { content: { thinking: 'm' } }, 0),
        { type: 'content-end', index: 0 },
        event('content-start', { content: { type: 'text', text: 'A' } }, 1),
        say('b'),
        { type: 'content-end', index: 1 },
        end('COMPLETE', { usage }),
        '[DONE]',
      ),
      [
        { type: 'start', streamId: 'm1' },
        { type: 'reasoning', content: 'H' },
        { type: 'reasoning', content: 'm' },
        { type: 'text', content: 'A' },
        { type: 'text', content: 'b' },
        { type: 'usage', inputTokens: 5, outputTokens: 2 },
        { type: 'done', reason: 'stop', complete: true, origin: 'COMPLETE' },
      ],
    );
  });

  it('keeps calls apart that arrive at the same time', () => {
    const [startA, jsonA, endA] = call(0, 'a', '{"x":1}');
    const [startB, firstB, restB, endB] = call(1, 'b', '{"y"', ':2}');
    const answer = readAnswer(
      decode(begin, startA!, startB!, firstB!, jsonA!, restB!, endB!, endA!, end('TOOL_CALL')),
    );
    assert.deepEqual(answer.toolCalls, [
      { id: 'b', name: 'f', args: { y: 2 } },
      { id: 'a', name: 'f', args: { x: 1 } },
    ]);
    assert.deepEqual(answer.done[0]?.reason, 'tool_calls');
  });

  it('gives {} for no arguments, and never a call that was cut', () => {
    const ids = (...events: object[]): string[] =>
      readAnswer(decode(begin, ...events)).toolCalls.map(({ id }) => id);
    assert.deepEqual(ids(...call(0, 'a'), end('TOOL_CALL')), ['a']);
    assert.deepEqual(ids(...call(0, 'a', '{}'), ...call(1, 'b', '{"x'), end('MAX_TOKENS')), ['a']);
    assert.deepEqual(ids(...call(0, 'a', '{}'), ...call(1, 'b')), ['a']);
  });

  it('gives sources of tools and documents once, with address and title where they have one', () => {
    const document = { type: 'document', id: 'd:0', document: { url: 'https://a.example', title: 'A' } };
    assert.deepEqual(
      decode(
        begin,
        cite({ type: 'tool', id: 't:0', tool_output: { content: 'x' } }, document),
        cite({ type: 'tool', id: 't:0' }, { ...document, id: 'd:1' }),
      ).filter(({ type }) => type === 'source'),
      [
        { type: 'source', id: 't:0' },
        { type: 'source', id: 'd:0', url: 'https://a.example', title: 'A' },
      ],
    );
  });

  const reasons: [string, string][] = [
    ['COMPLETE', 'stop'],
    ['STOP_SEQUENCE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['TOOL_CALL', 'tool_calls'],
    ['ERROR', 'error'],
    ['TIMEOUT', 'error'],
  ];
  for (const [origin, reason] of reasons) {
    it(`ends with ${reason} after ${origin}`, () => {
      assert.deepEqual(decode(begin, say('a'), end(origin)).at(-1), {
        type: 'done',
        reason,
        complete: true,
        origin,
      });
    });
  }

  it('is not complete without an end', () => {
    assert.deepEqual(decode(begin, say('a')).at(-1), { type: 'done', reason: 'unknown', complete: false });
  });

  it('reports an error at the end, in the stream, and as an event', () => {
    const [error, done] = decode(begin, end('ERROR', { error: 'No.' })).slice(1);
    assert.ok(error?.type === 'error');
    assert.equal(error.message, 'No.');
    assert.deepEqual(done, { type: 'done', reason: 'error', complete: true, origin: 'ERROR' });
    for (const each of [{ error: 'No.' }, frame({ message: 'No.' }, { event: 'error' })]) {
      const answer = readAnswer(decode(begin, say('a'), each));
      assert.equal(answer.errors[0]?.message, 'No.');
      assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
    }
  });

  it('reads a stream that begins in the middle, and a whole answer that was not streamed', () => {
    assert.equal(readAnswer(decode(say('a'), end('COMPLETE'))).text, 'a');
    const answer = readAnswer(
      decode(
        frame(
          {
            id: 'm1',
            message: {
              role: 'assistant',
              tool_plan: 'Look.',
              content: [
                { type: 'thinking', thinking: 'Hm' },
                { type: 'text', text: 'Hi' },
              ],
              tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
            },
            finish_reason: 'TOOL_CALL',
            usage: { tokens: { input_tokens: 1, output_tokens: 2 } },
          },
          { framing: 'json' },
        ),
      ),
    );
    assert.deepEqual([answer.reasoning, answer.text], ['Look.Hm', 'Hi']);
    assert.deepEqual(answer.toolCalls, [{ id: 'a', name: 'f', args: { x: 1 } }]);
    assert.deepEqual(answer.usage, { type: 'usage', inputTokens: 1, outputTokens: 2 });
  });

  it('counts what it does not know, and skips what is not JSON', () => {
    const decoder = getDialect('cohere').createDecoder();
    assert.deepEqual(decoder.decode(frame({ type: 'from-the-future' })), []);
    assert.equal(decoder.unknownFrames, 1);
    const answer = readAnswer(decode(begin, '{"type":', '{', say('a'), frame('{"ty', { closed: false })));
    assert.equal(answer.text, 'a');
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['protocol'],
    );
  });
});

describe('the request of cohere', () => {
  function encode(fields: Partial<RunInput>): Record<string, unknown> {
    return getDialect('cohere').encode({ conversationId: 'c', messages: [], tools: [], ...fields });
  }

  it('sends the plan of a call back with it, and other reasoning not at all', () => {
    const answer: Message = {
      id: 'a',
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'I will look.' },
        {
          type: 'tool',
          id: 't',
          name: 'f',
          by: 'client',
          state: 'done',
          argsText: '{"x":1}',
          args: { x: 1 },
          result: 'ok',
        },
      ],
    };
    const last: Message = {
      id: 'b',
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Done.' },
      ],
    };
    assert.deepEqual(
      encode({
        model: 'm',
        system: 'Be brief.',
        messages: [answer, last],
        tools: [{ name: 'f', description: 'F' }],
        body: { temperature: 0 },
      }),
      {
        model: 'm',
        messages: [
          { role: 'system', content: 'Be brief.' },
          {
            role: 'assistant',
            tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
            tool_plan: 'I will look.',
          },
          { role: 'tool', tool_call_id: 't', content: 'ok' },
          { role: 'assistant', content: 'Done.' },
        ],
        stream: true,
        tools: [
          {
            type: 'function',
            function: { name: 'f', description: 'F', parameters: { type: 'object', properties: {} } },
          },
        ],
        temperature: 0,
      },
    );
  });

  it('sends images in the message and text files beside it', () => {
    const user: Message = {
      id: 'u',
      role: 'user',
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
        { type: 'file', data: 'w6Q=', mediaType: 'text/plain', name: 'a.txt' },
      ],
    };
    assert.deepEqual(encode({ messages: [user] }), {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          ],
        },
      ],
      stream: true,
      documents: [{ data: { title: 'a.txt', text: 'ä' } }],
    });
  });
});
