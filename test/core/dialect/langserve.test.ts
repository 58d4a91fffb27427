import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame, StreamEvent } from '../../../src/core/index.js';
import {
  answeredCall,
  assistant,
  decodeAs,
  detected,
  encodeAs,
  frame,
  named,
  user,
} from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

const metadata = named('metadata', { run_id: 'r1' });

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('langserve', metadata, ...frames);
}

function data(value: unknown): Frame {
  return named('data', JSON.stringify(value));
}

function chunk(content: unknown, fields: object = {}): Frame {
  return data({ type: 'AIMessageChunk', id: 'run-1', content, additional_kwargs: {}, ...fields });
}

describe('langserve', () => {
  it('reads strings and tells the run', () => {
    assert.deepEqual(decode(data('a'), data('b')), [
      { type: 'start', streamId: 'r1' },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'done', reason: 'stop', complete: true, origin: 'end' },
    ]);
  });

  it('adds message chunks up, with or without the newer fields', () => {
    const answer = readAnswer(
      decode(
        chunk('a'),
        chunk('b'),
        chunk('', { tool_call_chunks: [{ index: 0, id: 'c', name: 'f', args: '{"x"' }] }),
        chunk('', { tool_call_chunks: [{ index: 0, args: ':1}' }], usage_metadata: { input_tokens: 3 } }),
      ),
    );
    assert.equal(answer.text, 'ab');
    assert.deepEqual(answer.toolCalls, [{ id: 'c', name: 'f', args: { x: 1 } }]);
    assert.equal(answer.usage?.inputTokens, 3);
    assert.equal(answer.done[0]?.reason, 'tool_calls');
  });

  it('reads the output of chains: text, documents, and what an agent does', () => {
    const action = { tool: 'search', tool_input: { q: 'x' }, log: '' };
    const answer = readAnswer(
      decode(
        data({ context: [{ page_content: 'p', metadata: { source: 'https://a.example/' } }] }),
        data({ actions: [action], messages: [] }),
        data({ steps: [{ action, observation: 'found' }] }),
        data({ output: 'Done.' }),
      ),
    );
    assert.deepEqual([answer.text, answer.sources], ['Done.', ['https://a.example/']]);
    assert.deepEqual(
      answer.serverTools.map(({ type }) => type),
      ['search'],
    );
    assert.deepEqual(answer.toolResults, [
      { id: answer.serverTools[0]?.id, result: 'found', isError: false },
    ]);
  });

  it('reads the output of a log once', () => {
    const patch = (path: string, value: unknown): Frame => data({ ops: [{ op: 'add', path, value }] });
    const answer = readAnswer(
      decode(
        patch('/logs/Model/streamed_output_str/-', 'a'),
        patch('/streamed_output/-', 'a'),
        patch('/final_output', 'a'),
      ),
    );
    assert.equal(answer.text, 'a');
  });

  it('reads the events of models and tools', () => {
    const answer = readAnswer(
      decode(
        data({ event: 'on_chain_start', data: {} }),
        data({ event: 'on_chat_model_stream', data: { chunk: { type: 'AIMessageChunk', content: 'a' } } }),
        data({ event: 'on_tool_start', name: 'f', run_id: 't', data: { input: { x: 1 } } }),
        data({ event: 'on_tool_end', name: 'f', run_id: 't', data: { output: 'ok' } }),
        data({ event: 'on_chain_stream', data: { chunk: 'a' } }),
      ),
    );
    assert.equal(answer.text, 'a');
    assert.deepEqual(answer.toolResults, [{ id: 't', result: 'ok', isError: false }]);
  });

  it('shows an error with its status', () => {
    const answer = readAnswer(decode(data('a'), named('error', { status_code: 500, message: 'No.' })));
    assert.deepEqual([answer.errors[0]?.status, answer.errors[0]?.origin], [500, { code: 500 }]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('reads the one object of an endpoint that does not stream', () => {
    assert.equal(readAnswer(decodeAs('langserve', frame({ output: 'a' }, { framing: 'json' }))).text, 'a');
  });

  it('is told by data behind metadata, and by nothing less', () => {
    assert.equal(detected(metadata, data('a')), 'langserve');
    assert.equal(detected(data('a')), 'plain');
  });

  it('sends the history as the input of the chain', () => {
    assert.deepEqual(
      encodeAs('langserve', [user('Hi'), assistant('Let me see.', answeredCall(), 'Ok.')], {
        system: 'Be brief.',
      }),
      {
        input: {
          messages: [
            { type: 'system', content: 'Be brief.' },
            { type: 'human', id: 'u1', content: 'Hi' },
            {
              type: 'ai',
              content: 'Let me see.',
              tool_calls: [{ type: 'tool_call', id: 'c1', name: 'f', args: { a: 1 } }],
            },
            { type: 'tool', tool_call_id: 'c1', content: 'ok' },
            { type: 'ai', content: 'Ok.' },
          ],
        },
        config: {},
      },
    );
    assert.deepEqual(encodeAs('langserve', [user('Hi')], { body: { input: 'Hi' } })['input'], 'Hi');
  });
});
