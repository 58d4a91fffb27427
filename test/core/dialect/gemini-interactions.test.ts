import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createDialectDecoder,
  getDialect,
  type Message,
  type RunInput,
  type StreamEvent,
  type ToolPart,
} from '../../../src/core/index.js';
import { answeredMessage, decodeAs, frame } from '../../support/dialect.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

function decode(...events: (object | string)[]): StreamEvent[] {
  return decodeAs('gemini-interactions', ...events);
}

const created = (id = 'v1_a'): object => ({
  event_type: 'interaction.created',
  interaction: { id, status: 'in_progress', object: 'interaction', model: 'm' },
});
const completed = (status = 'completed', id = 'v1_a'): object => ({
  event_type: 'interaction.completed',
  interaction: { id, status, object: 'interaction' },
});
const start = (index: number, step: object): object => ({ event_type: 'step.start', index, step });
const delta = (index: number, fields: object): object => ({ event_type: 'step.delta', index, delta: fields });
const stop = (index: number): object => ({ event_type: 'step.stop', index });
const step = (index: number, fields: object, ...deltas: object[]): object[] => [
  start(index, fields),
  ...deltas.map((each) => delta(index, each)),
  stop(index),
];
const output = (index: number, text: string): object[] =>
  step(index, { type: 'model_output' }, { type: 'text', text });

function message(events: StreamEvent[]): Message {
  return answeredMessage(events, () => ({ ok: true }));
}

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  const input = { conversationId: 'c', messages: [], tools: [], ...fields };
  return getDialect('gemini-interactions').encode(input);
}

const hello: Message = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] };
const userInput = { type: 'user_input', content: [{ type: 'text', text: 'Hello' }] };

describe('steps of gemini-interactions', () => {
  it('give the id that resuming and cancelling need, text, thoughts, sources and files', () => {
    const events = decode(
      created(),
      ...step(0, { type: 'thought' }, { type: 'thought_summary', content: { type: 'text', text: 'hm' } }),
      ...step(
        1,
        { type: 'model_output' },
        { type: 'text', text: 'a' },
        {
          type: 'text_annotation_delta',
          annotations: [
            { type: 'url_citation', url: 'https://a', title: 'A' },
            { type: 'url_citation', url: 'https://a' },
            { type: 'file_citation', document_uri: 'gs://b', file_name: 'b.pdf' },
            { type: 'place_citation', url: 'https://maps', name: 'Café' },
            { type: 'file_citation' },
          ],
        },
        { type: 'image', data: 'AAAA', mime_type: 'image/png' },
        { type: 'text', text: 'b' },
      ),
      completed(),
      '[DONE]',
    );
    assert.deepEqual(events[0], { type: 'start', streamId: 'v1_a', model: 'm' });
    const answer = readAnswer(events);
    assert.deepEqual([answer.text, answer.reasoning, answer.files], ['ab', 'hm', 1]);
    assert.deepEqual(answer.sources, ['https://a', 'gs://b', 'https://maps']);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'stop', complete: true, origin: 'completed' }]);
  });

  it('bring calls with arguments in pieces, with arguments at their start, and without any', () => {
    const events = decode(
      created(),
      start(0, { type: 'function_call', id: 'a', name: 'f', arguments: {} }),
      start(1, { type: 'function_call', id: 'b', name: 'g', arguments: { x: 1 } }),
      delta(0, { type: 'arguments_delta', arguments: '{"city":' }),
      stop(1),
      delta(0, { type: 'arguments_delta', arguments: '"B"}' }),
      stop(0),
      ...step(2, { type: 'function_call', id: 'c', name: 'h' }),
      completed('requires_action'),
    );
    assert.deepEqual(readAnswer(events).toolCalls, [
      { id: 'b', name: 'g', args: { x: 1 } },
      { id: 'a', name: 'f', args: { city: 'B' } },
      { id: 'c', name: 'h', args: {} },
    ]);
    assert.deepEqual(readAnswer(events).done, [
      { type: 'done', reason: 'tool_calls', complete: true, origin: 'requires_action' },
    ]);
  });

  it("show the endpoint's own tools with their results", () => {
    const events = decode(
      created(),
      ...step(
        0,
        { type: 'code_execution_call', id: 's1' },
        { type: 'code_execution_call', arguments: { code: '1', language: 'python' } },
      ),
      ...step(
        1,
        { type: 'code_execution_result', call_id: 's1' },
        { type: 'code_execution_result', result: '1', is_error: true },
      ),
      ...step(
        2,
        { type: 'mcp_server_tool_call', id: 's2' },
        { type: 'mcp_server_tool_call', name: 'find', server_name: 'docs', arguments: { q: 'x' } },
      ),
      completed(),
    );
    assert.deepEqual(readAnswer(events).toolCalls, []);
    const tools = message(events).parts.filter((part): part is ToolPart => part.type === 'tool');
    assert.deepEqual(
      tools.map(({ name, by, state, args, result }) => ({ name, by, state, args, result })),
      [
        {
          name: 'code_execution_call',
          by: 'server',
          state: 'failed',
          args: { code: '1', language: 'python' },
          result: '1',
        },
        {
          name: 'mcp_server_tool_call',
          by: 'server',
          state: 'running',
          args: { server_name: 'docs', name: 'find', arguments: { q: 'x' } },
          result: undefined,
        },
      ],
    );
  });

  it('are read from a stream that starts in their middle', () => {
    const events = decode(
      { event_type: 'interaction.status_update', interaction_id: 'v1_a', status: 'in_progress' },
      delta(1, { type: 'text', text: 'b' }),
      delta(2, { type: 'arguments_delta', arguments: '{' }),
      stop(1),
      completed(),
    );
    assert.deepEqual(events[0], { type: 'start', streamId: 'v1_a' });
    assert.equal(readAnswer(events).text, 'b');
    assert.equal(readAnswer(events).done[0]?.complete, true);
  });

  it('are read from an answer that is no stream', () => {
    const names: string[] = [];
    const decoder = createDialectDecoder('auto', (name) => names.push(name));
    const whole = {
      id: 'v1_a',
      object: 'interaction',
      status: 'completed',
      steps: [
        { type: 'user_input', content: [{ type: 'text', text: 'Hello' }] },
        { type: 'thought', summary: [{ type: 'text', text: 'hm' }] },
        { type: 'model_output', content: [{ type: 'text', text: 'a' }] },
      ],
      usage: { total_input_tokens: 1, total_output_tokens: 2, total_tokens: 6, total_thought_tokens: 3 },
    };
    const answer = readAnswer(decodeFrames([frame(whole, { framing: 'json' })], decoder));
    assert.deepEqual(names, ['gemini-interactions']);
    assert.deepEqual([answer.text, answer.reasoning, answer.done[0]?.origin], ['a', 'hm', 'completed']);
    assert.deepEqual(answer.usage, {
      type: 'usage',
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 6,
      reasoningTokens: 3,
    });
  });

  it('of unknown kinds are counted and passed over', () => {
    const decoder = getDialect('gemini-interactions').createDecoder();
    const frames = [
      created(),
      ...step(0, { type: 'hologram' }, { type: 'hologram', frames: 3 }),
      { event_type: 'interaction.novelty' },
      delta(9, { type: 'hologram' }),
      ...output(1, 'a'),
      completed(),
    ].map((each) => frame(each));
    assert.equal(readAnswer(decodeFrames(frames, decoder)).text, 'a');
    assert.equal(decoder.unknownFrames, 2);
  });
});

describe('the end of gemini-interactions', () => {
  const reasons: [string, string][] = [
    ['failed', 'error'],
    ['cancelled', 'aborted'],
    ['incomplete', 'length'],
    ['budget_exceeded', 'length'],
  ];
  for (const [status, reason] of reasons) {
    it(`takes ${status} for ${reason}`, () => {
      const update = { event_type: 'interaction.status_update', interaction_id: 'v1_a', status };
      assert.deepEqual(readAnswer(decode(created(), update)).done, [
        { type: 'done', reason, complete: true, origin: status },
      ]);
    });
  }

  it('is not there when the stream breaks off, and neither is a call in its middle', () => {
    const events = decode(
      created(),
      start(0, { type: 'function_call', id: 'a', name: 'f' }),
      delta(0, { type: 'arguments_delta', arguments: '{"a":1}' }),
    );
    assert.deepEqual(readAnswer(events).toolCalls, []);
    assert.deepEqual(readAnswer(events).done, [{ type: 'done', reason: 'unknown', complete: false }]);
  });

  it('reports an error', () => {
    const events = decode(created(), { event_type: 'error', error: { message: 'No', code: 'internal' } });
    assert.deepEqual(readAnswer(events).errors, [
      { type: 'error', code: 'provider', message: 'No', recoverable: true, origin: { code: 'internal' } },
    ]);
    assert.deepEqual(readAnswer(events).done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('says that a damaged event was skipped, once', () => {
    const answer = readAnswer(decode(created(), '{bad', '{worse', ...output(0, 'a'), completed()));
    assert.deepEqual([answer.text, answer.errors.length], ['a', 1]);
  });
});

describe('the request of gemini-interactions', () => {
  it('has the input as steps, and instructions and tools each time', () => {
    const inputSchema = { type: 'object', properties: { a: { type: 'number' } } };
    const user: Message = {
      id: 'u',
      role: 'user',
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'file', mediaType: 'image/png', data: 'AAAA' },
        { type: 'file', mediaType: 'application/pdf', url: 'https://a/b.pdf' },
      ],
    };
    assert.deepEqual(
      encode({
        model: 'm',
        system: 'Be brief.',
        messages: [user],
        tools: [{ name: 'f', description: 'F', inputSchema }],
        body: { store: false },
      }),
      {
        model: 'm',
        input: [
          {
            type: 'user_input',
            content: [
              { type: 'text', text: 'Look' },
              { type: 'image', mime_type: 'image/png', data: 'AAAA' },
              { type: 'document', mime_type: 'application/pdf', uri: 'https://a/b.pdf' },
            ],
          },
        ],
        stream: true,
        system_instruction: 'Be brief.',
        tools: [{ type: 'function', name: 'f', description: 'F', parameters: inputSchema }],
        store: false,
      },
    );
  });

  it('goes on from the last interaction that the endpoint keeps, with what is new', () => {
    const first = message(decode(created(), ...output(0, 'Hi'), completed()));
    const second = message(
      decode(
        created('v1_b'),
        ...step(0, { type: 'function_call', id: 'a', name: 'f', signature: 's' }),
        completed('requires_action', 'v1_b'),
      ),
    );
    const cut = message(decode(created('v1_c'), ...output(0, 'Half')));
    assert.deepEqual(encode({ messages: [hello, first, hello] }), {
      input: [userInput],
      stream: true,
      previous_interaction_id: 'v1_a',
    });
    assert.deepEqual(encode({ messages: [hello, first, hello, second] }), {
      input: [{ type: 'function_result', call_id: 'a', name: 'f', result: { ok: true } }],
      stream: true,
      previous_interaction_id: 'v1_b',
    });
    assert.deepEqual(encode({ messages: [hello, first, hello, cut, hello] }), {
      input: [userInput, { type: 'model_output', content: [{ type: 'text', text: 'Half' }] }, userInput],
      stream: true,
      previous_interaction_id: 'v1_a',
    });
  });

  it('sends all steps back where the endpoint keeps nothing, with their signatures', () => {
    const thought = { type: 'thought', signature: 's1' };
    const search = { type: 'google_search_call', id: 'g', signature: 's2', arguments: { queries: ['q'] } };
    const found = { type: 'google_search_result', call_id: 'g', signature: 's3', result: [] };
    const { arguments: _, ...searchStart } = search;
    const { result: __, ...foundStart } = found;
    const events = decode(
      created(''),
      ...step(0, { type: 'thought' }, { type: 'thought_signature', signature: 's1' }),
      ...step(1, searchStart, { type: 'google_search_call', arguments: { queries: ['q'] } }),
      ...step(2, foundStart, { type: 'google_search_result', result: [] }),
      ...output(3, 'Let me see.'),
      ...step(4, { type: 'function_call', id: 'a', name: 'f', arguments: { x: 1 }, signature: 's4' }),
      completed('requires_action', ''),
    );
    assert.deepEqual(encode({ messages: [hello, message(events)] })['input'], [
      userInput,
      thought,
      search,
      found,
      { type: 'model_output', content: [{ type: 'text', text: 'Let me see.' }] },
      { type: 'function_call', id: 'a', name: 'f', arguments: { x: 1 }, signature: 's4' },
      { type: 'function_result', call_id: 'a', name: 'f', result: { ok: true } },
    ]);
  });

  it('says of a call that failed or has no result that it is an error', () => {
    const call = (fields: Partial<ToolPart>): Message => ({
      id: 'm',
      role: 'assistant',
      parts: [
        {
          type: 'tool',
          id: 'a',
          name: 'f',
          by: 'client',
          state: 'done',
          argsText: '{}',
          args: {},
          ...fields,
        },
      ],
    });
    const result = (fields: Partial<ToolPart>): unknown =>
      (encode({ messages: [call(fields)] })['input'] as unknown[]).at(-1);
    const base = { type: 'function_result', call_id: 'a', name: 'f' };
    assert.deepEqual(result({ result: [1] }), { ...base, result: '[1]' });
    assert.deepEqual(result({ state: 'failed', result: 'no' }), { ...base, result: 'no', is_error: true });
    assert.deepEqual(result({ state: 'running' }), {
      ...base,
      result: 'Error: the tool was not run, or gave no result.',
      is_error: true,
    });
  });
});
