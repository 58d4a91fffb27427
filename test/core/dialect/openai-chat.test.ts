import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { decodeAs, frame } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

function decode(...frames: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('openai-chat', ...frames);
}

function delta(fields: object, finishReason: string | null = null, more: object = {}): Frame {
  return frame({ choices: [{ index: 0, delta: fields, finish_reason: finishReason }], ...more });
}

function call(fields: object): Frame {
  return delta({ tool_calls: [fields] });
}

const stop = delta({}, 'stop');
const toolStop = delta({}, 'tool_calls');

describe('text and reasoning of openai-chat', () => {
  it('prefers reasoning_content to reasoning and never adds them up', () => {
    const answer = readAnswer(
      decode(
        delta({ reasoning_content: 'a', reasoning: 'a', content: null }),
        delta({ reasoning: 'b', content: '' }),
        delta({ reasoning_content: null, reasoning: null, content: 'c' }),
        stop,
      ),
    );
    assert.deepEqual([answer.reasoning, answer.text], ['ab', 'c']);
  });

  it('reads lists of parts mixed with strings', () => {
    const answer = readAnswer(
      decode(
        delta({
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
            { type: 'text', text: 'a' },
            { type: 'reference', reference_ids: [1] },
          ],
        }),
        delta({ content: 'b' }),
        stop,
      ),
    );
    assert.deepEqual([answer.reasoning, answer.text], ['hm', 'ab']);
  });

  it('takes a refusal for text', () => {
    assert.equal(readAnswer(decode(delta({ refusal: 'I will not.' }), stop)).text, 'I will not.');
  });

  it('leaves <think> tags in the text', () => {
    assert.equal(readAnswer(decode(delta({ content: '<think>a</think>b' }))).text, '<think>a</think>b');
  });

  it('takes the first choice only', () => {
    const other = frame({ choices: [{ index: 1, delta: { content: 'x' }, finish_reason: 'length' }] });
    const answer = readAnswer(decode(other, delta({ content: 'a' }), other, stop));
    assert.equal(answer.text, 'a');
    assert.equal(answer.done[0]?.origin, 'stop');
  });

  it('does not add snapshots to deltas', () => {
    const chunk = (content: string, whole: string): Frame =>
      frame({ choices: [{ index: 0, delta: { content }, message: { role: 'assistant', content: whole } }] });
    const last = frame({
      object: 'chat.completion.done',
      choices: [{ message: { content: 'ab' }, finish_reason: 'stop' }],
    });
    assert.equal(readAnswer(decode(chunk('a', 'a'), chunk('b', 'ab'), last)).text, 'ab');
  });

  it('reads an answer that is no stream', () => {
    const body = frame(
      {
        object: 'chat.completion',
        choices: [
          {
            message: {
              content: 'a',
              reasoning: 'hm',
              tool_calls: [
                { function: { name: 'f', arguments: '{}' } },
                { function: { name: 'g', arguments: { b: 2 } } },
              ],
            },
            finish_reason: 'stop',
          },
        ],
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      },
      { framing: 'json' },
    );
    const answer = readAnswer(decode(body));
    assert.deepEqual([answer.text, answer.reasoning, answer.usage?.totalTokens], ['a', 'hm', 3]);
    assert.deepEqual(
      answer.toolCalls.map(({ name, args }) => [name, args]),
      [
        ['f', {}],
        ['g', { b: 2 }],
      ],
    );
  });

  it('survives chunks without choices, with null usage, and with words that are none', () => {
    const answer = readAnswer(
      decode(
        frame({ id: '', model: '', choices: [], prompt_filter_results: [] }),
        frame({
          id: 'x',
          model: 'm',
          choices: [{ delta: { content: 'a' }, finish_reason: '' }],
          usage: null,
        }),
        frame({ choices: [{ finish_reason: 'stop' }] }),
        frame({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 1 } }),
        frame('[DONE]'),
      ),
    );
    assert.equal(answer.text, 'a');
    assert.equal(answer.usage?.inputTokens, 5);
    assert.deepEqual(answer.errors, []);
  });

  it('starts once, with what the first chunk knows', () => {
    const chunk = frame({ id: 'x', model: 'm', choices: [] });
    assert.deepEqual(
      decode(frame({ id: '', choices: [] }), chunk, chunk).filter(({ type }) => type === 'start'),
      [{ type: 'start', streamId: 'x', model: 'm' }],
    );
  });
});

describe('usage and sources of openai-chat', () => {
  it('reads usage of Groq and of a choice, and gives the same numbers once', () => {
    const groq = frame({ choices: [], x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } });
    const usages = decode(
      groq,
      groq,
      frame({ choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 9 } }] }),
    );
    assert.deepEqual(
      usages.filter(({ type }) => type === 'usage'),
      [
        { type: 'usage', inputTokens: 1, outputTokens: 2 },
        { type: 'usage', inputTokens: 9 },
      ],
    );
  });

  it('gives each source once, with its title where there is one', () => {
    const sources = decode(
      delta({ content: 'a' }, null, {
        citations: ['https://a.example', 'https://b.example'],
        search_results: [{ title: 'A', url: 'https://a.example' }],
      }),
      delta({
        annotations: [
          { type: 'url_citation', url_citation: { url: 'https://c.example', title: 'C' } },
          { type: 'url_citation', url_citation: { url: 'https://a.example' } },
        ],
      }),
    ).filter(({ type }) => type === 'source');
    assert.deepEqual(sources, [
      { type: 'source', id: 'https://a.example', url: 'https://a.example', title: 'A' },
      { type: 'source', id: 'https://b.example', url: 'https://b.example' },
      { type: 'source', id: 'https://c.example', url: 'https://c.example', title: 'C' },
    ]);
  });
});

describe('tool calls of openai-chat', () => {
  it('tells a call from its start to its end', () => {
    assert.deepEqual(
      decode(
        call({ index: 2, id: 'c', function: { name: 'f', arguments: '' } }),
        call({ index: 2, function: { arguments: '{"a"' } }),
        call({ index: 2, function: { arguments: ':1}' } }),
        toolStop,
      ),
      [
        { type: 'tool_call_start', id: 'c', name: 'f', by: 'client' },
        { type: 'tool_call_delta', id: 'c', delta: '{"a"' },
        { type: 'tool_call_delta', id: 'c', delta: ':1}' },
        { type: 'tool_call', id: 'c', name: 'f', args: { a: 1 } },
        { type: 'done', reason: 'tool_calls', complete: true, origin: 'tool_calls' },
      ],
    );
  });

  it('continues the newest call without an index and an id', () => {
    const answer = readAnswer(
      decode(
        call({ id: 'c1', function: { name: 'f', arguments: '{"a":' } }),
        call({ function: { arguments: '1}' } }),
        call({ id: 'c2', function: { name: 'g', arguments: '{"b":' } }),
        call({ function: { arguments: '2}' } }),
        call({ id: 'c1', function: { arguments: ' ' } }),
        toolStop,
      ),
    );
    assert.deepEqual(answer.toolCalls, [
      { id: 'c1', name: 'f', args: { a: 1 } },
      { id: 'c2', name: 'g', args: { b: 2 } },
    ]);
  });

  it('keeps one call together whose id and name come with every piece', () => {
    const piece = (text: string): Frame =>
      call({ index: 0, id: 'c', function: { name: 'f', arguments: text } });
    assert.deepEqual(readAnswer(decode(piece('{"a":'), piece('1'), piece('}'), toolStop)).toolCalls, [
      { id: 'c', name: 'f', args: { a: 1 } },
    ]);
  });

  it('keeps one call together whose pieces have made-up ids', () => {
    const answer = readAnswer(
      decode(
        call({ id: 'r1', function: { name: 'f', arguments: '{"a":' } }),
        call({ id: 'r2', function: { arguments: '1}' } }),
        toolStop,
      ),
    );
    assert.deepEqual(answer.toolCalls, [{ id: 'r1', name: 'f', args: { a: 1 } }]);
  });

  it('tells whole calls apart that have neither index nor id', () => {
    const answer = readAnswer(
      decode(
        call({ function: { name: 'f', arguments: '{"a":1}' } }),
        call({ function: { name: 'f', arguments: '{"a":2}' } }),
        stop,
      ),
    );
    assert.deepEqual(
      answer.toolCalls.map(({ args }) => args),
      [{ a: 1 }, { a: 2 }],
    );
    assert.equal(new Set(answer.toolCalls.map(({ id }) => id)).size, 2);
  });

  it('makes up one stable id for a call without one', () => {
    const events = decode(
      call({ index: 0, function: { name: 'f', arguments: '{' } }),
      call({ index: 0, function: { arguments: '}' } }),
      toolStop,
    );
    const ids = new Set(events.flatMap((event) => ('id' in event ? [event.id] : [])));
    assert.equal(ids.size, 1);
    assert.match([...ids][0] ?? '', /^[a-z0-9]{9}$/);
  });

  it('waits for the name before it tells of a call', () => {
    assert.deepEqual(
      decode(
        call({ index: 0, id: 'c', function: { arguments: '{"a"' } }),
        call({ index: 0, function: { name: 'f', arguments: ':1}' } }),
      ).slice(0, 3),
      [
        { type: 'tool_call_start', id: 'c', name: 'f', by: 'client' },
        { type: 'tool_call_delta', id: 'c', delta: '{"a"' },
        { type: 'tool_call_delta', id: 'c', delta: ':1}' },
      ],
    );
  });

  it('reads the old function_call', () => {
    const answer = readAnswer(
      decode(
        delta({ function_call: { name: 'f', arguments: '{"a"' } }),
        delta({ function_call: { arguments: ':1}' } }),
        delta({}, 'function_call'),
      ),
    );
    assert.deepEqual(answer.toolCalls[0]?.args, { a: 1 });
    assert.deepEqual([answer.done[0]?.reason, answer.done[0]?.origin], ['tool_calls', 'function_call']);
  });

  it('gives {} for no arguments, and the text of what is not JSON', () => {
    const answer = readAnswer(
      decode(
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        call({ index: 1, id: 'b', function: { name: 'g', arguments: 'SELECT 1' } }),
        toolStop,
      ),
    );
    assert.deepEqual(
      answer.toolCalls.map(({ args }) => args),
      [{}, 'SELECT 1'],
    );
  });

  it('takes calls for the reason when the endpoint says "stop"', () => {
    const done = decode(call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), stop).at(-1);
    assert.deepEqual(done, { type: 'done', reason: 'tool_calls', complete: true, origin: 'stop' });
  });

  it('never gives a call whose arguments the end of the stream cut off', () => {
    const whole = call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a":1}' } });
    const half = call({ index: 1, id: 'b', function: { name: 'g', arguments: '{"b"' } });
    const bare = call({ index: 2, id: 'c', function: { name: 'h', arguments: '' } });
    const answer = readAnswer(decode(whole, half, bare));
    assert.deepEqual(
      answer.toolCalls.map(({ id }) => id),
      ['a'],
    );
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'unknown', complete: false }]);
  });

  it('ignores arguments that come after the call was given', () => {
    const answer = readAnswer(
      decode(
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a":1}' } }),
        toolStop,
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a":2}' } }),
        '[DONE]',
      ),
    );
    assert.deepEqual(answer.toolCalls, [{ id: 'a', name: 'f', args: { a: 1 } }]);
  });

  it('does not call a tool whose arguments are longer than the limit', () => {
    const piece = call({ index: 0, id: 'a', function: { name: 'f', arguments: 'x'.repeat(400_000) } });
    const answer = readAnswer(decode(piece, piece, piece, piece, toolStop));
    assert.deepEqual(answer.toolCalls, []);
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['limit'],
    );
  });
});

describe('errors and the end of openai-chat', () => {
  it('shows an error beside choices once, with the text before it', () => {
    const broken = frame({
      choices: [{ index: 0, delta: { content: 'b' }, finish_reason: 'error' }],
      error: { code: 502, message: 'Upstream failed' },
    });
    const answer = readAnswer(decode(delta({ content: 'a' }), broken, broken, '[DONE]'));
    assert.equal(answer.errors.length, 1);
    assert.deepEqual(answer.errors[0]?.origin, { code: 502 });
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: true, origin: 'error' }]);
  });

  it('shows an error event of a stream that has no other events, and is not complete', () => {
    const answer = readAnswer(
      decode(delta({ content: 'a' }), frame({ error: { message: 'No.', type: 'x' } }, { event: 'error' })),
    );
    assert.equal(answer.errors[0]?.message, 'No.');
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('does not give half a call after an error', () => {
    const answer = readAnswer(
      decode(
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a"' } }),
        frame({ error: { message: 'No.' } }),
      ),
    );
    assert.deepEqual(answer.toolCalls, []);
  });

  it('skips an event that is not JSON, says so once, and goes on', () => {
    const answer = readAnswer(
      decode(delta({ content: 'a' }), '{"choices":', '{', delta({ content: 'b' }), stop),
    );
    assert.equal(answer.text, 'ab');
    assert.deepEqual(
      answer.errors.map(({ code, recoverable }) => [code, recoverable]),
      [['protocol', true]],
    );
    assert.equal(answer.done[0]?.reason, 'stop');
  });

  it('is complete with [DONE] or a finish reason, and not without', () => {
    const text = delta({ content: 'a' });
    assert.deepEqual(decode(text, '[DONE]').at(-1), { type: 'done', reason: 'unknown', complete: true });
    assert.deepEqual(decode(text, stop).at(-1), {
      type: 'done',
      reason: 'stop',
      complete: true,
      origin: 'stop',
    });
    assert.deepEqual(decode(text).at(-1), { type: 'done', reason: 'unknown', complete: false });
  });

  it('knows the usual words for the end, and keeps them', () => {
    const reason = (word: string): unknown => {
      const done = decode(delta({}, word)).at(-1);
      return done?.type === 'done' && done.reason;
    };
    assert.deepEqual(['length', 'content_filter', 'max_tokens', 'cancelled', 'whatever'].map(reason), [
      'length',
      'content_filter',
      'length',
      'aborted',
      'unknown',
    ]);
  });

  it('ends once, and gives nothing after the end', () => {
    const decoder = getDialect('openai-chat').createDecoder();
    decoder.decode(delta({ content: 'a' }));
    assert.equal(decoder.decode(frame('[DONE]')).length, 1);
    assert.deepEqual(decoder.decode(delta({ content: 'late' })), []);
    assert.deepEqual(decoder.finish(), []);
  });

  it('counts frames that it does not know', () => {
    const decoder = getDialect('openai-chat').createDecoder();
    decoder.decode(frame({ hello: 1 }));
    decoder.decode(frame('[1]'));
    assert.equal(decoder.unknownFrames, 2);
  });
});
