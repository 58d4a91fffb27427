import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reduceMessage } from '../../../src/core/conversation/reduce-message.js';
import { getDialect, type Message, type RunInput, type StreamEvent } from '../../../src/core/index.js';
import { decodeAs, framesOf } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

function decode(...lines: object[]): StreamEvent[] {
  const frames = framesOf(
    lines.map((each) => ({ model: 'm', ...each })),
    { framing: 'ndjson' },
  );
  return decodeAs('ollama-generate', ...frames);
}

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  const input = { conversationId: 'c', messages: [], tools: [], ...fields };
  return getDialect('ollama-generate').encode(input);
}

const answered = [
  { response: 'Hi', thinking: 'hm', done: false },
  { response: '', done: true, done_reason: 'stop', context: [1, 2], prompt_eval_count: 3, eval_count: 4 },
];
const user = (text: string, ...more: Message['parts']): Message => ({
  id: text,
  role: 'user',
  parts: [{ type: 'text', text }, ...more],
});

describe('lines of ollama-generate', () => {
  it('give thoughts, text, counts, and the context that goes back', () => {
    assert.deepEqual(decode(...answered), [
      { type: 'start', model: 'm' },
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'Hi' },
      { type: 'opaque', dialect: 'ollama-generate', value: { context: [1, 2] } },
      { type: 'usage', inputTokens: 3, outputTokens: 4 },
      { type: 'done', reason: 'stop', complete: true, origin: 'stop' },
    ]);
  });

  it('give the image of a model that draws, behind its progress', () => {
    const answer = readAnswer(
      decode({ completed: 1, total: 2, done: false }, { image: 'AAAA', done: true, done_reason: 'stop' }),
    );
    assert.deepEqual([answer.files, answer.text, answer.done[0]?.complete], [1, '', true]);
  });

  it('report an error', () => {
    assert.deepEqual(
      readAnswer(decode({ response: 'a', done: false }, { error: 'gone' })).errors.map(
        ({ message }) => message,
      ),
      ['gone'],
    );
  });
});

describe('the request of ollama-generate', () => {
  it('asks what the user said since the last answer, in the context that came with it', () => {
    const empty: Message = { id: 'm', role: 'assistant', parts: [] };
    const answer = decode(...answered).reduce(reduceMessage, empty);
    const image = { type: 'file', mediaType: 'image/png', data: 'AAAA' } as const;
    assert.deepEqual(
      encode({ model: 'm', system: 'Be brief.', messages: [user('a'), answer, user('b', image), user('c')] }),
      {
        model: 'm',
        prompt: 'b\n\nc',
        stream: true,
        system: 'Be brief.',
        images: ['AAAA'],
        context: [1, 2],
      },
    );
  });

  it('goes without a context that is not there or not its own', () => {
    const other: Message = {
      id: 'm',
      role: 'assistant',
      parts: [
        { type: 'text', text: 'Hi' },
        { type: 'opaque', dialect: 'other', value: { context: [1] } },
      ],
    };
    assert.deepEqual(encode({ messages: [user('a'), other, user('b')], body: { raw: true } }), {
      prompt: 'b',
      stream: true,
      raw: true,
    });
    assert.deepEqual(encode({}), { prompt: '', stream: true });
  });
});
