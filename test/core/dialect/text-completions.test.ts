// The dialects that complete a text: no roles, no tools, one kind of event.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getDialect,
  type DialectName,
  type Frame,
  type Message,
  type RunInput,
} from '../../../src/core/index.js';
import { decodeAs, frame } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

type Json = Record<string, unknown>;

function message(role: Message['role'], text: string): Message {
  return { id: role, role, parts: [{ type: 'text', text }] };
}

function encode(name: DialectName, fields: Partial<RunInput> = {}): Json {
  const messages = [message('user', 'Hello')];
  return getDialect(name).encode({ conversationId: 'conv', messages, tools: [], model: 'm', ...fields });
}

const talk: Partial<RunInput> = {
  system: 'Be brief.',
  messages: [message('user', 'Hello'), message('assistant', 'Hi!'), message('user', 'Who are you?')],
};
const transcript = 'User: Hello\n\nAssistant: Hi!\n\nUser: Who are you?\n\nAssistant:';
const stop = ['\n\nUser:'];

describe('openai-completions', () => {
  const name = 'openai-completions';
  const chunk = (text: string, finish: string | null = null, more: Json = {}): Json => ({
    id: 'cmpl-1',
    model: 'm',
    object: 'text_completion',
    choices: [{ index: 0, text, finish_reason: finish }],
    ...more,
  });

  it('reads text, its end, and the tokens behind it', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const events = decodeAs(
      name,
      chunk('a'),
      chunk('b', 'stop'),
      chunk('', null, { choices: [], usage }),
      '[DONE]',
    );
    assert.deepEqual(events, [
      { type: 'start', streamId: 'cmpl-1', model: 'm' },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'usage', inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      { type: 'done', reason: 'stop', complete: true, origin: 'stop' },
    ]);
  });

  it('reads the first choice only', () => {
    const other = chunk('', null, { choices: [{ index: 1, text: 'x' }] });
    assert.equal(readAnswer(decodeAs(name, chunk('a'), other, '[DONE]')).text, 'a');
  });

  it('reports errors in the stream once, and the text before them', () => {
    const error = { error: { message: 'Broken', code: 500 } };
    const answer = readAnswer(decodeAs(name, chunk('a'), error, frame(error, { event: 'error' })));
    assert.deepEqual([answer.text, answer.errors.length], ['a', 1]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('is not complete when it just stops', () => {
    const answer = readAnswer(decodeAs(name, chunk('a'), frame('{"id', { closed: false })));
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'unknown', complete: false }]);
    assert.deepEqual(answer.errors, []);
  });

  it('asks with the question itself, and with a transcript when there is more', () => {
    assert.deepEqual(encode(name), {
      model: 'm',
      prompt: 'Hello',
      max_tokens: 1024,
      stream: true,
      stream_options: { include_usage: true },
    });
    const body = encode(name, { ...talk, body: { max_tokens: 5 } });
    assert.deepEqual(
      [body['prompt'], body['stop'], body['max_tokens']],
      [`Be brief.\n\n${transcript}`, stop, 5],
    );
  });
});

describe('tgi', () => {
  const token = (text: string, more: Json = {}): Json => ({ index: 1, token: { id: 1, text }, ...more });

  it('is over with the event that has the whole text, which is not text again', () => {
    const details = { finish_reason: 'length', generated_tokens: 2, input_length: 3 };
    const last = token('b', { generated_text: 'ab', details });
    assert.deepEqual(decodeAs('tgi', token('a'), last, token('late')), [
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'usage', inputTokens: 3, outputTokens: 2 },
      { type: 'done', reason: 'length', complete: true, origin: 'length' },
    ]);
    assert.deepEqual(decodeAs('tgi', token('a', { generated_text: 'a', details: null })).at(-1), {
      type: 'done',
      reason: 'unknown',
      complete: true,
    });
  });

  it('leaves out special tokens', () => {
    const special = { index: 1, token: { id: 2, text: '</s>', special: true } };
    assert.equal(readAnswer(decodeAs('tgi', token('a'), special)).text, 'a');
  });

  it('reads an answer that was not streamed', () => {
    const answer = readAnswer(decodeAs('tgi', frame({ generated_text: 'Hello' }, { framing: 'json' })));
    assert.deepEqual([answer.text, answer.done[0]?.complete], ['Hello', true]);
  });

  it('reports errors', () => {
    const answer = readAnswer(
      decodeAs('tgi', token('a'), { error: 'Model is overloaded', error_type: 'overloaded' }),
    );
    assert.equal(answer.errors[0]?.message, 'Model is overloaded');
    assert.deepEqual(answer.errors[0]?.origin, { type: 'overloaded' });
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('asks for new text only', () => {
    assert.deepEqual(encode('tgi', talk), {
      inputs: `Be brief.\n\n${transcript}`,
      parameters: { max_new_tokens: 1024, return_full_text: false, details: true, stop },
      stream: true,
    });
  });
});

describe('watsonx', () => {
  const result = (text: string, reason: string, input = 0, output = 0): Json => ({
    model_id: 'm',
    results: [
      { generated_text: text, stop_reason: reason, input_token_count: input, generated_token_count: output },
    ],
  });

  it('reads text, tokens and the reason for the end', () => {
    const frames = [
      result('', 'not_finished', 8),
      result('a', 'NOT_FINISHED', 0, 1),
      result('b', 'MAX_TOKENS', 0, 2),
    ];
    assert.deepEqual(decodeAs('watsonx', ...frames), [
      { type: 'start', model: 'm' },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'usage', inputTokens: 8, outputTokens: 2 },
      { type: 'done', reason: 'length', complete: true, origin: 'max_tokens' },
    ]);
  });

  it('reports errors in its own shape', () => {
    const errors = [{ code: 'token_quota_reached', message: 'No tokens left' }];
    const answer = readAnswer(
      decodeAs(
        'watsonx',
        result('a', 'not_finished'),
        frame({ errors, status_code: 403 }, { event: 'error' }),
      ),
    );
    assert.deepEqual([answer.errors[0]?.message, answer.errors[0]?.recoverable], ['No tokens left', false]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('asks with the names it knows, and leaves the project to the page', () => {
    assert.deepEqual(encode('watsonx', { body: { project_id: 'p' } }), {
      model_id: 'm',
      input: 'Hello',
      parameters: { max_new_tokens: 1024 },
      project_id: 'p',
    });
  });
});

describe('writer-completions', () => {
  const name = 'writer-completions';

  it('is complete when it ends between two events, and cut when it ends inside one', () => {
    const whole = readAnswer(decodeAs(name, { value: '' }, { value: 'a' }, { value: ' b' }));
    assert.equal(whole.text, 'a b');
    assert.deepEqual(whole.done, [{ type: 'done', reason: 'unknown', complete: true }]);
    const cut = readAnswer(decodeAs(name, { value: 'a' }, frame('{"val', { closed: false })));
    assert.equal(cut.done[0]?.complete, false);
  });

  it('reports errors', () => {
    const answer = readAnswer(decodeAs(name, { value: 'a' }, { error: 'Broken' }));
    assert.deepEqual([answer.errors[0]?.message, answer.done[0]?.reason], ['Broken', 'error']);
  });

  it('asks with a prompt', () => {
    assert.deepEqual(encode(name), { model: 'm', prompt: 'Hello', max_tokens: 1024, stream: true });
  });
});

describe('replicate', () => {
  const output = (data: string): Frame => frame(data, { event: 'output', id: '1:0' });
  const done = (data: string): Frame => frame(data, { event: 'done', id: '1:1' });

  it('keeps every space and line break, and takes nothing for JSON', () => {
    const events = decodeAs(
      'replicate',
      output(''),
      output(' 42'),
      output('\n\n'),
      output('{"a":1}'),
      done('{}'),
    );
    assert.deepEqual(events, [
      { type: 'text', content: ' 42' },
      { type: 'text', content: '\n\n' },
      { type: 'text', content: '{"a":1}' },
      { type: 'done', reason: 'stop', complete: true, origin: 'done' },
    ]);
  });

  it('takes a data URL for a file', () => {
    assert.deepEqual(decodeAs('replicate', output('data:image/webp;base64,AA=='), done('{}'))[0], {
      type: 'file',
      url: 'data:image/webp;base64,AA==',
      mediaType: 'image/webp',
    });
  });

  it('says when it was cancelled, and reports errors', () => {
    assert.deepEqual(decodeAs('replicate', output('a'), done('{"reason":"canceled"}')).at(-1), {
      type: 'done',
      reason: 'aborted',
      complete: true,
      origin: 'canceled',
    });
    const error = frame('{"detail":"Out of memory"}', { event: 'error', id: '1:1' });
    const answer = readAnswer(decodeAs('replicate', output('a'), error, done('{"reason":"error"}')));
    assert.deepEqual([answer.text, answer.errors[0]?.message], ['a', 'Out of memory']);
    assert.equal(answer.done[0]?.reason, 'error');
  });

  it('is not complete when it just stops', () => {
    assert.deepEqual(decodeAs('replicate', output('a')).at(-1), {
      type: 'done',
      reason: 'unknown',
      complete: false,
    });
  });

  it('asks with an input', () => {
    assert.deepEqual(encode('replicate', talk), {
      input: { prompt: transcript, system_prompt: 'Be brief.' },
      stream: true,
    });
  });
});
