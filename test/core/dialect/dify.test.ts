import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame, StreamEvent } from '../../../src/core/index.js';
import { assistant, decodeAs, detected, encodeAs, frame, opaque, user } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

const ids = { task_id: 'task', message_id: 'm1', conversation_id: 'c1' };

function event(name: string, fields: object = {}): Frame {
  return frame({ event: name, ...ids, ...fields });
}

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('dify', ...frames);
}

const end = event('message_end', { metadata: {} });

describe('dify', () => {
  it('tells what stopping and going on need, once', () => {
    assert.deepEqual(decode(event('message', { answer: 'a' }), event('message', { answer: 'b' }), end), [
      { type: 'start', streamId: 'task', messageId: 'm1' },
      { type: 'opaque', dialect: 'dify', value: { conversationId: 'c1' } },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'done', reason: 'stop', complete: true, origin: 'message_end' },
    ]);
  });

  it('replaces what moderation replaces', () => {
    const events = decode(
      event('message', { answer: 'Rude' }),
      event('message_replace', { answer: 'Sorry.' }),
      event('message', { answer: ' Next.' }),
      end,
    );
    assert.equal(readAnswer(events).text, 'Sorry. Next.');
    assert.ok(events.some((each) => each.type === 'text_set' && each.content === 'Sorry.'));
  });

  it('follows a thought that grows, and its tool', () => {
    const thought = (fields: object): Frame =>
      event('agent_thought', { id: 't1', thought: '', tool: '', tool_input: '', observation: '', ...fields });
    const called = { thought: 'Look it up', tool: 'search', tool_input: '{"search":{"q":1}}' };
    const answer = readAnswer(
      decode(
        thought({}),
        thought({ thought: 'Look' }),
        thought(called),
        thought({ ...called, observation: 'found' }),
        thought({ ...called, observation: 'found' }),
        end,
      ),
    );
    assert.equal(answer.reasoning, 'Look it up');
    assert.deepEqual(answer.calls, [{ id: 't1', name: 'search', args: { search: { q: 1 } } }]);
    assert.deepEqual(answer.serverTools, [{ id: 't1', type: 'search' }]);
    assert.deepEqual(answer.toolResults, [{ id: 't1', result: 'found', isError: false }]);
  });

  it('does not take the answer for a thought when an agent repeats it', () => {
    const answer = readAnswer(
      decode(
        event('agent_message', { answer: 'Yes.' }),
        event('agent_thought', { id: 't', thought: 'Yes.' }),
        end,
      ),
    );
    assert.deepEqual([answer.text, answer.reasoning], ['Yes.', '']);
  });

  it('never gives a call whose input is not whole', () => {
    const cut = event('agent_thought', { id: 't', thought: '', tool: 'f', tool_input: '{"f":' });
    assert.deepEqual(readAnswer(decode(cut)).calls, []);
  });

  it('reads sources, files and usage', () => {
    const file = { id: 'f', type: 'image', url: 'https://a.example/x' };
    const events = decode(
      event('message_file', { ...file, belongs_to: 'user' }),
      event('message_file', { ...file, belongs_to: 'assistant' }),
      event('message_end', {
        files: [file],
        metadata: {
          usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
          retriever_resources: [
            { position: 1, document_id: 'd1', document_name: 'Manual', segment_id: 's1' },
            { position: 2, document_id: 'd1', document_name: 'Manual', segment_id: 's2' },
          ],
        },
      }),
    );
    assert.deepEqual(
      events.filter(({ type }) => ['file', 'source', 'usage'].includes(type)),
      [
        { type: 'file', url: 'https://a.example/x', mediaType: 'image/*' },
        { type: 'source', id: 'd1', title: 'Manual' },
        { type: 'usage', inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      ],
    );
  });

  it('reads workflows: chunks, or else their outputs', () => {
    const finished = event('workflow_finished', {
      data: { status: 'succeeded', outputs: { text: 'ab' }, total_tokens: 5 },
    });
    const chunk = (text: string): Frame => event('text_chunk', { data: { text } });
    for (const frames of [[chunk('a'), chunk('b'), finished], [finished]]) {
      const answer = readAnswer(decode(event('workflow_started', { data: {} }), ...frames));
      assert.equal(answer.text, 'ab');
      assert.equal(answer.usage?.totalTokens, 5);
      assert.deepEqual(answer.done, [{ type: 'done', reason: 'stop', complete: true, origin: 'succeeded' }]);
    }
  });

  it('reports workflows that fail or are stopped', () => {
    const failed = readAnswer(
      decode(event('workflow_finished', { data: { status: 'failed', error: 'No.' } })),
    );
    assert.deepEqual([failed.errors[0]?.message, failed.done[0]?.reason], ['No.', 'error']);
    const stopped = readAnswer(decode(event('workflow_finished', { data: { status: 'stopped' } })));
    assert.equal(stopped.done[0]?.reason, 'aborted');
  });

  it('asks what a workflow asks', () => {
    const data = {
      form_id: 'f1',
      form_content: 'Approve?',
      actions: [{ id: 'y', title: 'Yes' }, { id: 'n' }],
    };
    assert.deepEqual(
      decode(event('human_input_required', { data })).find(({ type }) => type === 'tool_approval'),
      {
        type: 'tool_approval',
        id: 'f1',
        message: 'Approve?',
        options: ['Yes', 'n'],
      },
    );
  });

  it('passes other events on and takes none of their text', () => {
    const events = decode(
      event('node_finished', { data: { outputs: { text: 'a' } } }),
      frame({ event: 'ping' }),
      end,
    );
    assert.equal(readAnswer(events).text, '');
    assert.ok(events.some((each) => each.type === 'data' && each.name === 'node_finished'));
  });

  it('reads an answer that was not streamed', () => {
    const blocking = frame(
      { event: 'message', ...ids, answer: 'a', metadata: { usage: { total_tokens: 2 } } },
      { framing: 'json' },
    );
    const answer = readAnswer(decode(blocking));
    assert.deepEqual([answer.text, answer.usage?.totalTokens, answer.done[0]?.complete], ['a', 2, true]);
  });

  it('is not complete without its end', () => {
    assert.equal(readAnswer(decode(event('message', { answer: 'a' }))).done[0]?.complete, false);
  });

  it('is told by its event key beside an id', () => {
    assert.equal(detected(event('workflow_started')), 'dify');
  });

  it('sends what is new to the conversation that Dify keeps', () => {
    const image = { type: 'file', mediaType: 'image/png', url: 'https://a.example/i.png' } as const;
    assert.deepEqual(
      encodeAs(
        'dify',
        [
          user('Hi'),
          assistant('Hello', opaque('dify', { conversationId: 'c1' })),
          user([{ type: 'text', text: 'Look' }, image], 'u2'),
        ],
        { body: { user: 'me' } },
      ),
      {
        inputs: {},
        query: 'Look',
        response_mode: 'streaming',
        user: 'me',
        conversation_id: 'c1',
        files: [{ type: 'image', transfer_method: 'remote_url', url: 'https://a.example/i.png' }],
      },
    );
    const { conversation_id, user: name } = encodeAs('dify', [user('Hi')]);
    assert.deepEqual([conversation_id, name], ['', 'conv']);
  });

  it('takes the outputs of a run for the answer where its stream began in the middle', () => {
    const run = { workflow_run_id: 'w1' };
    const finished = (outputs: unknown): Frame =>
      event('workflow_finished', { ...run, data: { status: 'succeeded', outputs } });
    const rest = event('message', { ...run, answer: ' and b' });
    const late = readAnswer(decode(rest, finished({ answer: 'a and b' }), end));
    assert.deepEqual([late.text, late.done[0]?.complete], ['a and b', true]);
    const alone = readAnswer(decode(finished({ answer: 'a and b' })));
    assert.deepEqual([alone.text, alone.done[0]?.complete], ['a and b', true]);
    const lost = readAnswer(decode(rest, finished({}), end));
    assert.deepEqual([lost.text, lost.done[0]?.complete], [' and b', false]);
    const whole = readAnswer(
      decode(event('workflow_started', run), rest, finished({ answer: 'other' }), end),
    );
    assert.deepEqual([whole.text, whole.done[0]?.complete], [' and b', true]);
  });

  it('ends where a run waits for the user', () => {
    const done = decode(event('workflow_started'), event('workflow_paused', { data: {} })).at(-1);
    assert.deepEqual(done, { type: 'done', reason: 'stop', complete: true, origin: 'workflow_paused' });
  });
});
