import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDialectDecoder } from '../../../src/core/index.js';
import {
  added,
  args,
  call,
  completed,
  created,
  decode,
  done,
  frame,
  read,
  said,
  text,
  type Json,
} from '../../support/responses.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

describe('a response', () => {
  it('tells its id and model once, and ends with its own word', () => {
    const events = decode(created, { ...created, type: 'response.in_progress' }, text('a'), completed);
    assert.deepEqual(events, [
      { type: 'start', streamId: 'resp_1', model: 'm' },
      { type: 'text', content: 'a' },
      { type: 'opaque', dialect: 'openai-responses', value: { response: 'resp_1', stored: true } },
      { type: 'done', reason: 'stop', complete: true, origin: 'completed' },
    ]);
  });

  it('gives nothing after its end, also when a terminator follows', () => {
    const events = decode(created, completed, text('late'), '[DONE]');
    assert.equal(events.filter(({ type }) => type === 'done').length, 1);
    assert.equal(readAnswer(events).text, '');
  });

  it('is complete with a terminator alone', () => {
    assert.deepEqual(read(created, text('a'), '[DONE]').done, [
      { type: 'done', reason: 'unknown', complete: true },
    ]);
  });

  it('is not complete when it just stops', () => {
    const answer = read(created, text('a'), frame('{"type":"response.comp', { closed: false }));
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'unknown', complete: false }]);
    assert.deepEqual([answer.text, answer.errors], ['a', []]);
  });

  for (const [word, reason] of [
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
  ] as const) {
    it(`says why it is incomplete: ${word}`, () => {
      const response = { id: 'resp_1', status: 'incomplete', incomplete_details: { reason: word } };
      assert.deepEqual(read(created, { type: 'response.incomplete', response }).done, [
        { type: 'done', reason, complete: true, origin: word },
      ]);
    });
  }

  it('takes a cancelled response for stopped', () => {
    const response = { id: 'resp_1', status: 'cancelled' };
    assert.equal(read(created, { type: 'response.cancelled', response }).done[0]?.reason, 'aborted');
  });

  it('reports tokens', () => {
    const usage = {
      input_tokens: 1,
      output_tokens: 2,
      total_tokens: 3,
      output_tokens_details: { reasoning_tokens: 1 },
    };
    const answer = read(created, { ...completed, response: { status: 'completed', usage } });
    assert.deepEqual(answer.usage, {
      type: 'usage',
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 3,
      reasoningTokens: 1,
    });
  });

  it('is read whole where the endpoint does not stream', () => {
    const output = [
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] },
      said('Hello'),
      call('c1', { arguments: '{"a":1}', status: 'completed' }),
    ];
    const body = { object: 'response', id: 'resp_1', model: 'm', status: 'completed', output };
    const answer = read(frame(body, { framing: 'json' }));
    assert.deepEqual([answer.text, answer.reasoning], ['Hello', 'hm']);
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'f', args: { a: 1 } }]);
    assert.equal(answer.done[0]?.reason, 'tool_calls');
  });
});

describe('the text of a response', () => {
  it('is not said again by the events that repeat it', () => {
    const answer = read(
      created,
      added(0, said('', { content: [] })),
      text('Hel'),
      text('lo'),
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' },
      {
        type: 'response.content_part.done',
        output_index: 0,
        content_index: 0,
        part: { type: 'output_text', text: 'Hello' },
      },
      done(0, said('Hello')),
      { ...completed, response: { status: 'completed', output: [said('Hello')] } },
    );
    assert.equal(answer.text, 'Hello');
  });

  for (const [where, ...frames] of [
    [
      'output_text.done',
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' },
    ],
    [
      'content_part.done',
      { type: 'response.content_part.done', output_index: 0, part: said('Hello')['content'] },
    ],
    ['output_item.done', done(0, said('Hello'))],
    ['response.completed'],
  ] as [string, ...Json[]][]) {
    it(`comes from ${where} where there were no deltas`, () => {
      const part = { type: 'output_text', text: 'Hello' };
      const wire = frames.map((each) => ('part' in each ? { ...each, part } : each));
      const end = { ...completed, response: { status: 'completed', output: [said('Hello')] } };
      assert.equal(read(created, ...wire, end).text, 'Hello');
    });
  }

  it('keeps the order of its parts, interleaved or not', () => {
    const answer = read(
      created,
      text('a', 0, 0),
      text('b', 1, 0),
      text('c', 0, 1),
      text('d', 1, 0),
      completed,
    );
    assert.equal(answer.text, 'abcd');
  });

  it('contains a refusal, which is the reason for the end then', () => {
    const refusal = { type: 'response.refusal.delta', output_index: 0, content_index: 0, delta: 'I cannot' };
    const answer = read(
      created,
      refusal,
      { ...refusal, type: 'response.refusal.done', refusal: 'I cannot' },
      done(0, said('', { content: [{ type: 'refusal', refusal: 'I cannot' }] })),
      completed,
    );
    assert.equal(answer.text, 'I cannot');
    assert.deepEqual(answer.done, [
      { type: 'done', reason: 'content_filter', complete: true, origin: 'completed' },
    ]);
  });

  it('names each source once, by URL or file', () => {
    const annotation = (value: Json): Json => ({
      type: 'response.output_text.annotation.added',
      output_index: 0,
      annotation: value,
    });
    const link = { type: 'url_citation', url: 'https://example.com/', title: 'Example' };
    const file = { type: 'container_file_citation', file_id: 'cfile_1', filename: 'a.csv' };
    const events = decode(
      created,
      annotation(link),
      annotation(file),
      annotation(link),
      done(0, said('a', { content: [{ type: 'output_text', text: 'a', annotations: [link, file] }] })),
      completed,
    );
    assert.deepEqual(
      events.filter(({ type }) => type === 'source'),
      [
        { type: 'source', id: 'https://example.com/', url: 'https://example.com/', title: 'Example' },
        { type: 'source', id: 'cfile_1', title: 'a.csv' },
      ],
    );
  });
});

describe('the reasoning of a response', () => {
  const summary = (delta: string): Json => ({
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    summary_index: 0,
    delta,
  });
  const full = (delta: string): Json => ({
    type: 'response.reasoning_text.delta',
    output_index: 0,
    content_index: 0,
    delta,
  });

  it('is its summary, or its text, and not both', () => {
    assert.equal(read(created, summary('a'), full('long'), summary('b'), completed).reasoning, 'ab');
    assert.equal(read(created, full('long'), summary('a'), completed).reasoning, 'long');
  });

  it('comes from the whole item where there were no deltas', () => {
    const item = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'short' }],
      content: [{ type: 'reasoning_text', text: 'long' }],
    };
    assert.equal(read(created, added(0, { type: 'reasoning' }), done(0, item), completed).reasoning, 'short');
  });

  it('is kept for the next request', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x', status: null };
    const events = decode(created, done(0, item), completed);
    assert.deepEqual(events[1], {
      type: 'opaque',
      dialect: 'openai-responses',
      value: { item: { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' } },
    });
  });
});

describe('calls of the page’s tools', () => {
  it('are told apart by output index when they interleave', () => {
    const answer = read(
      created,
      added(1, call('c1')),
      added(2, call('c2')),
      args('{"a"', 1),
      args('{"b"', 2),
      args(':1}', 1),
      args(':2}', 2),
      done(2, call('c2', { arguments: '{"b":2}' })),
      done(1, call('c1', { arguments: '{"a":1}' })),
      completed,
    );
    assert.deepEqual(answer.toolCalls, [
      { id: 'c2', name: 'f', args: { b: 2 } },
      { id: 'c1', name: 'f', args: { a: 1 } },
    ]);
    assert.deepEqual(answer.done, [
      { type: 'done', reason: 'tool_calls', complete: true, origin: 'completed' },
    ]);
  });

  it('are one call each although the ids of their items change', () => {
    const answer = read(
      created,
      added(0, call('c1', { id: 'x' })),
      { ...args('{}', 0), item_id: 'y' },
      done(0, call('c1', { id: 'z', arguments: '{}' })),
      { ...completed, response: { status: 'completed', output: [call('c1', { id: 'w', arguments: '{}' })] } },
    );
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'f', args: {} }]);
  });

  it('come from the whole item where there were no deltas', () => {
    const events = decode(created, done(0, call('c1', { arguments: '{"a":1}' })), completed);
    assert.deepEqual(
      events.slice(1, 4).map((event) => ({ ...event })),
      [
        { type: 'tool_call_start', id: 'c1', name: 'f', by: 'client' },
        { type: 'tool_call_delta', id: 'c1', delta: '{"a":1}' },
        { type: 'tool_call', id: 'c1', name: 'f', args: { a: 1 } },
      ],
    );
  });

  it('come from the end of the response where nothing else told of them', () => {
    const output = [call('c1', { arguments: '{"a":1}', status: 'completed' })];
    const answer = read(created, { ...completed, response: { status: 'completed', output } });
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'f', args: { a: 1 } }]);
  });

  it('have free text as arguments in a custom tool, whatever it looks like', () => {
    const item = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c1', name: 'sql', input: '' };
    const delta = { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: '4' };
    const answer = read(created, added(0, item), delta, delta, done(0, { ...item, input: '44' }), completed);
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'sql', args: '44' }]);
  });

  it('do not count when they are cut off', () => {
    const cut = args('{"a":', 0);
    const whole = args('{"a":1}', 0);
    assert.deepEqual(read(created, added(0, call('c1')), cut).toolCalls, []);
    assert.equal(read(created, added(0, call('c1')), whole).toolCalls.length, 1);
    const response = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    const answer = read(
      created,
      added(0, call('c1')),
      cut,
      done(0, call('c1', { arguments: '{"a":', status: 'incomplete' })),
      { type: 'response.incomplete', response },
    );
    assert.deepEqual(answer.toolCalls, []);
  });

  it('do not count when their arguments are too long', () => {
    const answer = read(created, added(0, call('c1')), args('x'.repeat(1_048_577), 0), completed);
    assert.deepEqual(answer.toolCalls, []);
    assert.equal(answer.errors[0]?.code, 'limit');
  });
});

describe('the endpoint’s own tools', () => {
  it('run and give their results', () => {
    const item = { type: 'web_search_call', id: 'ws_1', status: 'in_progress' };
    const events = decode(
      created,
      added(0, item),
      { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
      done(0, { ...item, status: 'completed', action: { type: 'search', query: 'q' } }),
      completed,
    );
    assert.deepEqual(events.slice(1, 4), [
      { type: 'tool_call_start', id: 'ws_1', name: 'web_search_call', by: 'server' },
      {
        type: 'tool_call',
        id: 'ws_1',
        name: 'web_search_call',
        args: { action: { type: 'search', query: 'q' } },
      },
      { type: 'tool_result', id: 'ws_1', result: null },
    ]);
    assert.equal(readAnswer(events).done[0]?.reason, 'stop');
  });

  it('may be of a kind that is not known yet', () => {
    const decoder = createDialectDecoder('openai-responses');
    const item = { type: 'tea_call', id: 'tea_1', leaves: 2, output: 'tea', status: 'completed' };
    const events = decodeFrames(
      [
        frame(created),
        frame(added(0, item)),
        frame({ type: 'response.tea_call.steeping', output_index: 0 }),
        frame(done(0, item)),
        frame(completed),
      ],
      decoder,
    );
    assert.deepEqual(events.slice(1, 4), [
      { type: 'tool_call_start', id: 'tea_1', name: 'tea_call', by: 'server' },
      { type: 'tool_call', id: 'tea_1', name: 'tea_call', args: { leaves: 2 } },
      { type: 'tool_result', id: 'tea_1', result: 'tea' },
    ]);
    assert.equal(decoder.unknownFrames, 0);
  });

  it('fail with their own words', () => {
    const item = { type: 'mcp_call', id: 'mcp_1', name: 'f', server_label: 's', arguments: '{"a":1}' };
    const events = decode(created, done(0, { ...item, error: 'No route', status: 'failed' }), completed);
    assert.deepEqual(events.slice(2, 4), [
      {
        type: 'tool_call',
        id: 'mcp_1',
        name: 'mcp_call',
        args: { name: 'f', server_label: 's', arguments: { a: 1 } },
      },
      { type: 'tool_result', id: 'mcp_1', result: 'No route', isError: true },
    ]);
  });

  it('show their code as it is written, as JSON text', () => {
    const item = { type: 'code_interpreter_call', id: 'ci_1', code: '', container_id: 'cntr', outputs: null };
    const code = (delta: string): Json => ({
      type: 'response.code_interpreter_call_code.delta',
      output_index: 0,
      delta,
    });
    const image = { type: 'image', url: 'data:image/webp;base64,AA==' };
    const events = decode(
      created,
      added(0, item),
      code('print("'),
      code('a")\n'),
      { type: 'response.code_interpreter_call_code.done', output_index: 0, code: 'print("a")\n' },
      done(0, { ...item, code: 'print("a")\n', outputs: [{ type: 'logs', logs: 'a' }, image] }),
      completed,
    );
    const deltas = events.flatMap((event) => (event.type === 'tool_call_delta' ? [event.delta] : []));
    assert.deepEqual(JSON.parse(deltas.join('')), { code: 'print("a")\n' });
    assert.equal(events.filter(({ type }) => type === 'tool_call').length, 1);
    assert.deepEqual(
      events.find(({ type }) => type === 'file'),
      { type: 'file', url: 'data:image/webp;base64,AA==', mediaType: 'image/webp' },
    );
  });

  it('give images as files, which go back by their id', () => {
    const item = { type: 'image_generation_call', id: 'ig_1', result: 'AA==', output_format: 'jpeg' };
    const events = decode(created, added(0, { ...item, result: null }), done(0, item), completed);
    assert.deepEqual(events.slice(3, 6), [
      { type: 'tool_result', id: 'ig_1', result: null },
      { type: 'file', data: 'AA==', mediaType: 'image/jpeg' },
      {
        type: 'opaque',
        dialect: 'openai-responses',
        value: { item: { type: 'image_generation_call', id: 'ig_1' } },
      },
    ]);
  });

  it('ask before they run', () => {
    const item = {
      type: 'mcp_approval_request',
      id: 'mcpr_1',
      name: 'f',
      server_label: 's',
      arguments: '{}',
    };
    const events = decode(created, added(0, item), done(0, item), completed);
    assert.deepEqual(
      events.find(({ type }) => type === 'tool_approval'),
      {
        type: 'tool_approval',
        id: 'mcpr_1',
        message: 'May "f" of s run?',
        options: ['approve', 'deny'],
      },
    );
    assert.ok(!events.some(({ type }) => type === 'tool_result'));
  });

  it('have their results also when only the end of the response tells', () => {
    const item = { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 's', tools: [] };
    const output = [{ ...item, tools: [{ name: 'f' }] }];
    const events = decode(created, added(0, item), {
      ...completed,
      response: { status: 'completed', output },
    });
    assert.deepEqual(
      events.find(({ type }) => type === 'tool_result'),
      { type: 'tool_result', id: 'mcpl_1', result: [{ name: 'f' }] },
    );
  });
});

describe('errors of a response', () => {
  const failed = (error: Json | null): Json => ({
    type: 'response.failed',
    response: { id: 'resp_1', status: 'failed', error },
  });

  it('count once, in whichever shapes they come', () => {
    const answer = read(
      created,
      { type: 'error', error: { type: 'server_error', code: 'server_error', message: 'Broken' } },
      failed({ code: 'server_error', message: 'Broken' }),
    );
    assert.deepEqual(answer.errors, [
      {
        type: 'error',
        code: 'provider',
        message: 'Broken',
        recoverable: true,
        origin: { code: 'server_error' },
      },
    ]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: true, origin: 'failed' }]);
  });

  it('are read without a wrapper, and keep the text before them', () => {
    const answer = read(created, text('a'), {
      type: 'error',
      code: 'rate_limit_exceeded',
      message: 'Slow down',
      param: null,
    });
    assert.equal(answer.text, 'a');
    assert.deepEqual([answer.errors[0]?.message, answer.errors[0]?.recoverable], ['Slow down', true]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('are said even if the endpoint does not say which', () => {
    assert.match(read(created, failed(null)).errors[0]?.message ?? '', /did not say which/);
    assert.equal(read(created, { error: { message: 'Proxy' } }).errors[0]?.message, 'Proxy');
  });

  it('do not come from a damaged event more than once, and the rest is read', () => {
    const answer = read(created, '{"type":', text('a'), '{"type":', completed);
    assert.deepEqual([answer.text, answer.errors.length, answer.errors[0]?.code], ['a', 1, 'protocol']);
  });

  it('are not made of events that nobody knows', () => {
    const decoder = createDialectDecoder('openai-responses');
    const frames = [frame(created), frame({ type: 'response.audio.delta' }), frame({ type: 'keepalive' })];
    assert.deepEqual(readAnswer(decodeFrames(frames, decoder)).errors, []);
    assert.equal(decoder.unknownFrames, 1);
  });
});

describe('a resumed response', () => {
  const resumed = (json: Json): Json => ({ sequence_number: 7, ...json });

  it('goes on in the middle of a text without repeating it', () => {
    const answer = read(
      resumed(text('lo')),
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' },
      done(0, said('Hello')),
      { ...completed, response: { status: 'completed', output: [said('Hello')] } },
    );
    assert.equal(answer.text, 'lo');
  });

  it('repeats nothing when only its end was missing', () => {
    const answer = read(
      resumed({ type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' }),
      done(0, said('Hello')),
      { ...completed, response: { status: 'completed', output: [said('Hello'), call('c1')] } },
    );
    assert.deepEqual([answer.text, answer.toolCalls], ['', []]);
    assert.equal(answer.done[0]?.complete, true);
  });

  it('has whole arguments although it begins in the middle of them', () => {
    const answer = read(
      resumed(args(':1}', 0)),
      done(0, call('c1', { arguments: '{"a":1}' })),
      added(1, said('', { content: [] })),
      done(1, said('Hello')),
      completed,
    );
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'f', args: { a: 1 } }]);
    assert.equal(answer.text, 'Hello');
  });
});
