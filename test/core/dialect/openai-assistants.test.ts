import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getDialect,
  reduceMessage,
  type Frame,
  type Message,
  type RunInput,
  type StreamEvent,
} from '../../../src/core/index.js';
import { decodeAs, named } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

type Json = Record<string, unknown>;

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('openai-assistants', ...frames);
}

function run(status: string, more: Json = {}): Frame {
  return named(`thread.run.${status}`, { id: 'run_1', thread_id: 'thread_1', model: 'm', status, ...more });
}

function words(value: string, annotations: Json[] = []): Frame {
  return named('thread.message.delta', {
    id: 'msg_1',
    delta: { content: [{ index: 0, type: 'text', text: { value, annotations } }] },
  });
}

function step(event: string, calls: Json[]): Frame {
  const details = { type: 'tool_calls', tool_calls: calls };
  const isDelta = event === 'delta';
  return named(`thread.run.step.${event}`, {
    id: 'step_1',
    ...(isDelta ? { delta: { step_details: details } } : { step_details: details }),
  });
}

const end = named('done', '[DONE]');

describe('openai-assistants', () => {
  it('reads text, sources, tokens and the end of the run', () => {
    const citation = { type: 'file_citation', text: '[0]', file_citation: { file_id: 'file_1' } };
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const events = decode(
      named('thread.created', { id: 'thread_1' }),
      run('queued'),
      named('thread.message.created', { id: 'msg_1', content: [] }),
      words('a'),
      words('b', [citation]),
      named('thread.message.completed', {
        id: 'msg_1',
        content: [{ type: 'text', text: { value: 'ab', annotations: [citation] } }],
      }),
      run('completed', { usage }),
      end,
    );
    assert.deepEqual(events, [
      { type: 'start', streamId: 'run_1', model: 'm' },
      { type: 'opaque', dialect: 'openai-assistants', value: { threadId: 'thread_1', runId: 'run_1' } },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'source', id: 'file_1' },
      { type: 'usage', inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      { type: 'done', reason: 'stop', complete: true, origin: 'completed' },
    ]);
  });

  it('reads a complete message that had no deltas', () => {
    const content = [{ type: 'text', text: { value: 'Hello', annotations: [] } }];
    const answer = readAnswer(
      decode(
        run('queued'),
        named('thread.message.completed', { id: 'msg_1', content }),
        run('completed'),
        end,
      ),
    );
    assert.equal(answer.text, 'Hello');
  });

  it('puts parallel calls together, and reports them when the run waits for them', () => {
    const call = (index: number, args: string, more: Json = {}): Json => ({
      index,
      type: 'function',
      function: { arguments: args, ...more },
    });
    const answer = readAnswer(
      decode(
        run('in_progress'),
        step('delta', [{ ...call(0, '', { name: 'f' }), id: 'c1' }]),
        step('delta', [{ ...call(1, '', { name: 'g' }), id: 'c2' }]),
        step('delta', [call(0, '{"a"'), call(1, '{"b":2}')]),
        step('delta', [call(0, ':1}')]),
        run('requires_action', { required_action: { submit_tool_outputs: { tool_calls: [] } } }),
        end,
      ),
    );
    assert.deepEqual(answer.toolCalls, [
      { id: 'c1', name: 'f', args: { a: 1 } },
      { id: 'c2', name: 'g', args: { b: 2 } },
    ]);
    assert.deepEqual(answer.done, [
      { type: 'done', reason: 'tool_calls', complete: true, origin: 'requires_action' },
    ]);
  });

  it('takes calls from the run where there were no deltas of them', () => {
    const calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }];
    const answer = readAnswer(
      decode(
        run('requires_action', { required_action: { submit_tool_outputs: { tool_calls: calls } } }),
        end,
      ),
    );
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'f', args: { a: 1 } }]);
  });

  it('shows what the endpoint’s own tools do', () => {
    const call = { index: 0, id: 'ci_1', type: 'code_interpreter' };
    const outputs = [{ type: 'logs', logs: '4' }];
    const events = decode(
      run('in_progress'),
      step('delta', [{ ...call, code_interpreter: { input: '2+' } }]),
      step('completed', [{ ...call, code_interpreter: { input: '2+2', outputs } }]),
      run('completed'),
      end,
    );
    assert.deepEqual(events.slice(2, 5), [
      { type: 'tool_call_start', id: 'ci_1', name: 'code_interpreter', by: 'server' },
      { type: 'tool_call', id: 'ci_1', name: 'code_interpreter', args: { input: '2+2' } },
      { type: 'tool_result', id: 'ci_1', result: outputs },
    ]);
  });

  it('reports the error of a run, and why one is incomplete', () => {
    const failed = readAnswer(
      decode(run('failed', { last_error: { code: 'rate_limit_exceeded', message: 'Slow down' } }), end),
    );
    assert.deepEqual(failed.errors[0]?.origin, { code: 'rate_limit_exceeded' });
    assert.deepEqual(failed.done, [{ type: 'done', reason: 'error', complete: true, origin: 'failed' }]);
    const incomplete = decode(
      run('incomplete', { incomplete_details: { reason: 'max_completion_tokens' } }),
      end,
    );
    assert.deepEqual(readAnswer(incomplete).done[0]?.reason, 'length');
    const error = readAnswer(decode(run('queued'), named('error', { error: { message: 'Broken' } })));
    assert.deepEqual(error.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('reports no call of a run that broke off', () => {
    const call = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    assert.deepEqual(readAnswer(decode(run('in_progress'), step('delta', [call]))).toolCalls, []);
  });

  const question: Message = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

  function encode(fields: Partial<RunInput>): Json {
    return getDialect('openai-assistants').encode({
      conversationId: 'conv',
      messages: [question],
      tools: [],
      ...fields,
    });
  }

  it('asks with a thread of the whole conversation', () => {
    const answer: Message = { id: 'm', role: 'assistant', parts: [{ type: 'text', text: 'Hi!' }] };
    const messages = [question, answer, question];
    assert.deepEqual(encode({ messages, system: 'Be brief.', body: { assistant_id: 'asst_1' } }), {
      instructions: 'Be brief.',
      thread: {
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hi!' },
          { role: 'user', content: 'Hello' },
        ],
      },
      stream: true,
      assistant_id: 'asst_1',
    });
  });

  it('gives a run the results that it waits for', () => {
    const calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const required_action = { submit_tool_outputs: { tool_calls: calls } };
    const empty: Message = { id: 'm', role: 'assistant', parts: [] };
    const waiting = decode(run('requires_action', { required_action }), end).reduce(reduceMessage, empty);
    const answer = reduceMessage(waiting, { type: 'tool_result', id: 'c1', result: { b: 2 }, by: 'client' });
    assert.deepEqual(encode({ messages: [question, answer] }), {
      thread_id: 'thread_1',
      run_id: 'run_1',
      tool_outputs: [{ tool_call_id: 'c1', output: '{"b":2}' }],
      stream: true,
    });
    const next = [run('queued'), words('Done.'), run('completed'), end];
    const over = decode(...next).reduce(reduceMessage, answer);
    assert.ok('thread' in encode({ messages: [question, over, question] }));
    assert.ok('thread' in encode({ messages: [question, over] }));
  });
});
