import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame, StreamEvent } from '../../../src/core/index.js';
import { assistant, decodeAs, detected, encodeAs, named, opaque, user } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

const metadata = named('metadata', { run_id: 'r1', attempt: 1 });

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('langgraph', ...frames);
}

function ai(content: unknown, fields: object = {}): object {
  return { type: 'ai', id: 'm1', content, tool_call_chunks: [], ...fields };
}

function tuple(message: object, about: object = {}, event = 'messages'): Frame {
  return named(event, [message, { run_id: 'r1', thread_id: 't1', langgraph_node: 'agent', ...about }]);
}

describe('the text of langgraph', () => {
  it('adds chunks up and tells the run and the thread once', () => {
    assert.deepEqual(decode(metadata, tuple(ai('a')), tuple(ai('b'))), [
      { type: 'start', streamId: 'r1' },
      { type: 'opaque', dialect: 'langgraph', value: { threadId: 't1' } },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'opaque', dialect: 'langgraph', value: { messageId: 'm1' } },
      { type: 'done', reason: 'unknown', complete: true },
    ]);
  });

  it('starts in the middle of a resumed stream', () => {
    const frames = [tuple(ai(' more')), tuple(ai(' text'))];
    assert.equal(detected(...frames), 'langgraph');
    const events = decode(...frames);
    assert.deepEqual(events[0], { type: 'start', streamId: 'r1' });
    assert.equal(readAnswer(events).text, ' more text');
  });

  it('gives only what snapshots add, and replaces what they change', () => {
    const partial = (content: string): Frame => named('messages/partial', [ai(content)]);
    assert.deepEqual(
      decode(
        partial('a'),
        partial('ab'),
        partial('ab'),
        partial('xy'),
        named('messages/complete', [ai('xy')]),
      ).filter(({ type }) => type.startsWith('text')),
      [
        { type: 'text', content: 'a' },
        { type: 'text', content: 'b' },
        { type: 'text_set', content: 'xy' },
      ],
    );
  });

  it('covers the whole answer when an earlier message changes', () => {
    const answer = readAnswer(
      decode(
        named('messages/complete', [ai('One. ')]),
        named('messages/partial', [ai('Two', { id: 'm2' })]),
        named('messages/complete', [ai('Uno. ')]),
        named('messages/complete', [ai('Two.', { id: 'm2' })]),
      ),
    );
    assert.equal(answer.text, 'Uno. Two.');
  });

  it('keeps the words of parallel messages together', () => {
    const answer = readAnswer(
      decode(
        tuple(ai('a1 ')),
        tuple(ai('b1', { id: 'm2' })),
        tuple(ai('a2 ')),
        tuple(ai(' b2', { id: 'm2' })),
      ),
    );
    assert.equal(answer.text, 'a1 a2 b1 b2');
  });

  it('takes the text once when updates and values repeat it', () => {
    const message = { type: 'ai', id: 'm1', content: 'ab' };
    const answer = readAnswer(
      decode(
        metadata,
        named('values', { messages: [{ type: 'human', content: 'hi' }] }),
        tuple(ai('a')),
        tuple(ai('b')),
        named('updates', { agent: { messages: [message] } }),
        named('values', { messages: [{ type: 'human', content: 'hi' }, message] }),
      ),
    );
    assert.equal(answer.text, 'ab');
  });

  it('reads values alone, without what the thread had before the run', () => {
    const human = { type: 'human', id: 'h', content: 'hi' };
    const old = { type: 'ai', id: 'old', content: 'Before. ' };
    const answer = readAnswer(
      decode(
        metadata,
        named('values', { messages: [human, old] }),
        named('values', { messages: [human, old, { type: 'ai', id: 'new', content: 'After.' }] }),
      ),
    );
    assert.equal(answer.text, 'After.');
  });

  it('reads updates alone, whichever way they write a message', () => {
    const answer = readAnswer(
      decode(
        metadata,
        named('updates', { a: { messages: { role: 'assistant', content: 'One ' } }, b: null }),
        named('updates', {
          c: {
            messages: [
              {
                lc: 1,
                type: 'constructor',
                id: ['langchain_core', 'messages', 'AIMessage'],
                kwargs: { id: 'x', content: [{ type: 'text', text: 'two' }] },
              },
            ],
          },
        }),
      ),
    );
    assert.equal(answer.text, 'One two');
  });

  it('reads subgraphs, and leaves out model calls that are tagged as hidden', () => {
    const answer = readAnswer(
      decode(
        metadata,
        tuple(ai('route', { id: 'r' }), { tags: ['langsmith:nostream'] }),
        tuple(ai('Hello'), {}, 'messages|agent:1f'),
        named('values|agent:1f', { messages: [{ type: 'ai', id: 'other', content: 'inner state' }] }),
      ),
    );
    assert.equal(answer.text, 'Hello');
  });

  it('tells reasoning, citations and files apart from text', () => {
    const answer = readAnswer(
      decode(
        tuple(ai([{ type: 'thinking', thinking: 'hm' }])),
        tuple(ai('', { additional_kwargs: { reasoning_content: ' so' } })),
        tuple(ai([{ type: 'text', text: 'a', annotations: [{ url: 'https://a.example/', title: 'A' }] }])),
        tuple(ai([{ type: 'image_url', image_url: { url: 'https://a.example/i.png' } }])),
      ),
    );
    assert.deepEqual(
      [answer.reasoning, answer.text, answer.sources, answer.files],
      ['hm so', 'a', ['https://a.example/'], 1],
    );
  });
});

describe('tools, state and errors of langgraph', () => {
  const chunk = (index: number, fields: object): object => ({ index, type: 'tool_call_chunk', ...fields });

  it('puts parallel calls together and closes them with their results', () => {
    const answer = readAnswer(
      decode(
        tuple(
          ai('', {
            tool_call_chunks: [
              chunk(0, { id: 'a', name: 'f', args: '' }),
              chunk(1, { id: 'b', name: 'g', args: '{"x"' }),
            ],
          }),
        ),
        tuple(ai('', { tool_call_chunks: [chunk(1, { args: ':1}' })] })),
        tuple({ type: 'tool', id: 'x', tool_call_id: 'a', content: 'done', status: 'success' }),
        tuple({ type: 'tool', id: 'y', tool_call_id: 'b', content: 'no', status: 'error' }),
        tuple({ type: 'tool', id: 'y', tool_call_id: 'b', content: 'no', status: 'error' }),
      ),
    );
    assert.deepEqual(answer.calls, [
      { id: 'a', name: 'f', args: {} },
      { id: 'b', name: 'g', args: { x: 1 } },
    ]);
    assert.equal(answer.toolCalls.length, 0, 'the graph runs its own tools');
    assert.deepEqual(answer.toolResults, [
      { id: 'a', result: 'done', isError: false },
      { id: 'b', result: 'no', isError: true },
    ]);
  });

  it('follows arguments that grow in snapshots', () => {
    const partial = (args: string): Frame =>
      named('messages/partial', [ai('', { tool_call_chunks: [chunk(0, { id: 'a', name: 'f', args })] })]);
    const events = decode(
      partial('{"x'),
      partial('{"x":1'),
      partial('{"x":1}'),
      tuple(ai('ok', { id: 'm2' })),
    );
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'tool_call_delta' ? event.delta : [])),
      ['{"x', '":1', '}'],
    );
    assert.deepEqual(readAnswer(events).calls, [{ id: 'a', name: 'f', args: { x: 1 } }]);
  });

  it('never gives a call that was cut short', () => {
    const half = tuple(ai('', { tool_call_chunks: [chunk(0, { id: 'a', name: 'f', args: '{"x"' })] }));
    assert.deepEqual(readAnswer(decode(half)).calls, []);
  });

  it('does not repeat calls of chunks when the whole message follows', () => {
    const call = { id: 'a', name: 'f', args: { x: 1 } };
    const answer = readAnswer(
      decode(
        tuple(ai('', { tool_call_chunks: [chunk(1, { id: 'a', name: 'f', args: '{"x":1}' })] })),
        named('updates', {
          agent: { messages: [{ type: 'ai', id: 'm1', content: '', tool_calls: [call] }] },
        }),
      ),
    );
    assert.deepEqual(answer.calls, [call]);
  });

  it('adds the usage of all messages of a run up', () => {
    const used = (id: string, input_tokens: number): Frame =>
      tuple(
        ai('', {
          id,
          usage_metadata: { input_tokens, output_tokens: 1, output_token_details: { reasoning: 2 } },
        }),
      );
    assert.deepEqual(readAnswer(decode(used('m1', 10), used('m2', 20))).usage, {
      type: 'usage',
      inputTokens: 30,
      outputTokens: 2,
      reasoningTokens: 4,
    });
  });

  it('asks for an answer to each interrupt once, with what it offers', () => {
    const asked = { __interrupt__: [{ id: 'i1', value: { question: 'Delete?', options: ['yes', 'no'] } }] };
    const events = decode(metadata, named('updates', asked), named('values', asked));
    assert.deepEqual(
      events.filter(({ type }) => type === 'tool_approval'),
      [{ type: 'tool_approval', id: 'i1', message: 'Delete?', options: ['yes', 'no'] }],
    );
    assert.deepEqual(readAnswer(events).done, [{ type: 'done', reason: 'unknown', complete: true }]);
  });

  it('reads the requests of the human-in-the-loop middleware', () => {
    const value = {
      action_requests: [{ name: 'rm', args: {}, description: 'Run rm' }],
      review_configs: [{ action_name: 'rm', allowed_decisions: ['approve', 'reject'] }],
    };
    const [approval] = decode(named('updates', { __interrupt__: [{ id: 'i', value }] }));
    assert.deepEqual(approval, {
      type: 'tool_approval',
      id: 'i',
      message: 'Run rm',
      options: ['approve', 'reject'],
    });
  });

  it('passes custom data on, whatever it is', () => {
    assert.deepEqual(decode(named('custom|sub:1', '"half"'))[0], {
      type: 'data',
      name: 'custom',
      value: 'half',
    });
  });

  it('shows an error and is not complete', () => {
    const answer = readAnswer(
      decode(metadata, tuple(ai('a')), named('error', { error: 'ValueError', message: 'No such node' })),
    );
    assert.deepEqual(
      answer.errors.map(({ message, origin }) => [message, origin]),
      [['No such node', { type: 'ValueError' }]],
    );
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('is not complete when the last event is cut', () => {
    const cut = { ...named('messages', '[{"type":"ai"'), closed: false };
    assert.equal(readAnswer(decode(tuple(ai('a')), cut)).done[0]?.complete, false);
  });

  it('is told by its modes, behind metadata by any of them', () => {
    assert.equal(detected(metadata, named('custom', { text: 'a' })), 'langgraph');
    assert.equal(detected(named('values', { messages: [] })), 'langgraph');
    assert.equal(detected(metadata, named('token', { text: 'a' })), 'plain');
  });
});

describe('the request of langgraph', () => {
  const modes = { stream_mode: ['messages-tuple', 'updates', 'custom'], stream_resumable: true };

  it('sends the whole history to an endpoint that is not known to keep it', () => {
    const image = { type: 'file', mediaType: 'image/png', data: 'AAAA' } as const;
    assert.deepEqual(
      encodeAs(
        'langgraph',
        [
          user('Hi'),
          assistant(
            opaque('langgraph', { threadId: 't1' }),
            'Hello',
            opaque('langgraph', { messageId: 'm1' }),
          ),
          user([{ type: 'text', text: 'Look' }, image], 'u2'),
        ],
        { system: 'Be brief.', model: 'helper', body: { config: { tags: ['x'] } } },
      ),
      {
        assistant_id: 'helper',
        input: {
          messages: [
            { type: 'system', id: 'system', content: 'Be brief.' },
            { type: 'human', id: 'u1', content: 'Hi' },
            { type: 'ai', id: 'm1', content: 'Hello' },
            {
              type: 'human',
              id: 'u2',
              content: [
                { type: 'text', text: 'Look' },
                { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
              ],
            },
          ],
        },
        ...modes,
        config: { tags: ['x'] },
      },
    );
  });

  it('sends only what is new to a thread', () => {
    const history = [
      user('Hi'),
      assistant('Hello', opaque('langgraph', { threadId: 't1' })),
      user('More', 'u2'),
    ];
    const expected = {
      assistant_id: 'agent',
      input: { messages: [{ type: 'human', id: 'u2', content: 'More' }] },
      ...modes,
    };
    assert.deepEqual(encodeAs('langgraph', history, { conversationId: 't1', system: 'Be brief.' }), expected);
    const twice = [...history.slice(0, 2), ...history.slice(0, 2), ...history.slice(2)];
    assert.deepEqual(encodeAs('langgraph', twice), expected);
  });

  it('resumes after an interrupt with what the user says', () => {
    const stopped = assistant(
      opaque('langgraph', { threadId: 't1' }),
      opaque('langgraph', { 'interrupt:i1': true }),
    );
    assert.deepEqual(encodeAs('langgraph', [user('Delete'), stopped, user('approve', 'u2')]), {
      assistant_id: 'agent',
      command: { resume: 'approve' },
      ...modes,
    });
  });
});
