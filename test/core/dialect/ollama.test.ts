import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createDialectDecoder,
  getDialect,
  type Frame,
  type Message,
  type RunInput,
  type StreamEvent,
  type ToolPart,
} from '../../../src/core/index.js';
import { answeredCall, decodeAs, frame, framesOf } from '../../support/dialect.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

function decode(...lines: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('ollama', ...framesOf(lines, { framing: 'ndjson' }));
}

const line = (message: object, more: object = {}): object => ({
  model: 'qwen3',
  created_at: '2026-01-02T03:04:05Z',
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
});
const last = (more: object = {}): object => line({}, { done: true, done_reason: 'stop', ...more });
const call = (name: string, args: unknown, more: object = {}): object => ({
  function: { name, arguments: args },
  ...more,
});

describe('lines of ollama', () => {
  it('give the model, thoughts, text and counts', () => {
    const events = decode(
      line({ thinking: 'hm' }),
      line({ content: 'a', thinking: null }),
      last({ prompt_eval_count: 3, eval_count: 4 }),
    );
    assert.deepEqual(events, [
      { type: 'start', model: 'qwen3' },
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'a' },
      { type: 'usage', inputTokens: 3, outputTokens: 4 },
      { type: 'done', reason: 'stop', complete: true, origin: 'stop' },
    ]);
  });

  it('give calls whole, several in a line or with the same index, with and without an id', () => {
    const events = decode(
      line({ tool_calls: [call('f', { a: 1 }), call('f', { a: 2 }, { id: 'call_1' })] }),
      line({ tool_calls: [{ function: { index: 0, name: 'g' } }] }),
      line({ tool_calls: [{ function: { index: 0, name: 'h', arguments: '{"b":1}' } }, null, {}] }),
      last(),
    );
    const { toolCalls } = readAnswer(events);
    assert.deepEqual(
      toolCalls.map(({ name, args }) => [name, args]),
      [
        ['f', { a: 1 }],
        ['f', { a: 2 }],
        ['g', {}],
        ['h', { b: 1 }],
      ],
    );
    assert.equal(toolCalls[1]?.id, 'call_1');
    assert.equal(new Set(toolCalls.map(({ id }) => id)).size, 4);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'tool_calls', complete: true, origin: 'stop' });
  });

  it('end for want of room, or without a word for it', () => {
    assert.equal(readAnswer(decode(last({ done_reason: 'length' }))).done[0]?.reason, 'length');
    assert.deepEqual(decode(last({ done_reason: undefined })).at(-1), {
      type: 'done',
      reason: 'stop',
      complete: true,
    });
  });

  it('report an error in the middle of the answer', () => {
    const events = decode(line({ content: 'a' }), { error: 'unexpected EOF' });
    assert.deepEqual(events.slice(-2), [
      { type: 'error', code: 'provider', message: 'unexpected EOF', recoverable: true },
      { type: 'done', reason: 'error', complete: false },
    ]);
  });

  it('are not complete when they break off, and half a line is no error', () => {
    const answer = readAnswer(
      decode(line({ content: 'a' }), frame('{"model":"qw', { framing: 'ndjson', closed: false })),
    );
    assert.deepEqual([answer.text, answer.errors.length], ['a', 0]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'unknown', complete: false }]);
  });

  it('that are damaged or unknown are passed over', () => {
    const decoder = getDialect('ollama').createDecoder();
    const frames = framesOf(['{bad', '{worse', { status: 'loading' }, line({ content: 'a' }), last()], {
      framing: 'ndjson',
    });
    const answer = readAnswer(decodeFrames(frames, decoder));
    assert.deepEqual([answer.text, answer.errors.length, decoder.unknownFrames], ['a', 1, 3]);
  });

  it('are told from those of /api/generate and from homemade ones', () => {
    const name = (json: object): string => {
      const names: string[] = [];
      createDialectDecoder('auto', (each) => names.push(each)).decode(frame(json));
      return names.join();
    };
    assert.equal(name(line({ content: 'a' })), 'ollama');
    assert.equal(name({ model: 'm', response: 'a', done: false }), 'ollama-generate');
    assert.equal(name({ response: 'a', done: false }), 'plain');
    assert.equal(name({ model: 'm', message: 'a', done: false }), 'plain');
  });
});

describe('the request of ollama', () => {
  const encode = (fields: Partial<RunInput>): Record<string, unknown> =>
    getDialect('ollama').encode({ conversationId: 'c', messages: [], tools: [], ...fields });
  const tool = (fields: Partial<ToolPart> = {}): ToolPart => answeredCall({ result: { b: 2 }, ...fields });

  it('has images by their bytes, arguments as objects and results by the name of the tool', () => {
    const messages: Message[] = [
      {
        id: 'u',
        role: 'user',
        parts: [
          { type: 'text', text: 'Look' },
          { type: 'file', mediaType: 'image/png', data: 'AAAA' },
          { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,BBBB' },
          { type: 'file', mediaType: 'image/png', url: 'https://a/b.png' },
          { type: 'file', mediaType: 'application/pdf', data: 'CCCC' },
        ],
      },
      {
        id: 'm',
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'Let me see.' },
          tool(),
          tool({ id: 'c2', name: 'g', args: undefined, argsText: '', result: 'ok' }),
          tool({ id: 'c3', state: 'preparing' }),
          { type: 'text', text: 'Done.' },
        ],
      },
      { id: 'e', role: 'assistant', parts: [{ type: 'reasoning', text: 'hm' }] },
      { id: 't', role: 'tool', parts: [tool({ name: 'h', result: undefined })] },
    ];
    assert.deepEqual(encode({ model: 'm', system: 'Be brief.', messages }), {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Look', images: ['AAAA', 'BBBB'] },
        {
          role: 'assistant',
          content: 'Let me see.',
          thinking: 'hm',
          tool_calls: [
            { function: { name: 'f', arguments: { a: 1 } } },
            { function: { name: 'g', arguments: {} } },
          ],
        },
        { role: 'tool', tool_name: 'f', content: '{"b":2}' },
        { role: 'tool', tool_name: 'g', content: 'ok' },
        { role: 'assistant', content: 'Done.' },
        { role: 'tool', tool_name: 'h', content: 'Error: the tool was not run, or gave no result.' },
      ],
      stream: true,
    });
  });

  it('offers tools, and lets the fields of the page win', () => {
    assert.deepEqual(
      encode({ tools: [{ name: 'f', description: 'F' }], body: { think: true, stream: false } }),
      {
        messages: [],
        stream: false,
        tools: [
          {
            type: 'function',
            function: { name: 'f', description: 'F', parameters: { type: 'object', properties: {} } },
          },
        ],
        think: true,
      },
    );
  });
});
