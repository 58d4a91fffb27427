import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getDialect,
  type Frame,
  type Message,
  type RunInput,
  type StreamEvent,
} from '../../../src/core/index.js';
import { answeredMessage, decodeAs, frame } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

function decode(...events: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('anthropic', ...events);
}

const begin = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 5, output_tokens: 1 } },
};
const end = { type: 'message_stop' };

function start(index: number, content_block: object): object {
  return { type: 'content_block_start', index, content_block };
}

function delta(index: number, fields: object): object {
  return { type: 'content_block_delta', index, delta: fields };
}

function stop(index: number): object {
  return { type: 'content_block_stop', index };
}

function finish(stop_reason: string, usage: object = {}): object {
  return { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage };
}

function say(index: number, text: string): object[] {
  return [start(index, { type: 'text', text: '' }), delta(index, { type: 'text_delta', text }), stop(index)];
}

function call(index: number, id: string, ...pieces: string[]): object[] {
  return [
    start(index, { type: 'tool_use', id, name: 'f', input: {} }),
    ...pieces.map((partial_json) => delta(index, { type: 'input_json_delta', partial_json })),
    stop(index),
  ];
}

function opaqueOf(events: StreamEvent[]): unknown[] {
  return events.flatMap((event) => (event.type === 'opaque' ? [event.value] : []));
}

describe('the stream of anthropic', () => {
  it('tells of an answer from its start to its end', () => {
    assert.deepEqual(
      decode(begin, { type: 'ping' }, ...say(0, 'Hi'), finish('end_turn', { output_tokens: 9 }), end),
      [
        { type: 'start', streamId: 'msg_1', model: 'm' },
        { type: 'usage', inputTokens: 5, outputTokens: 1 },
        { type: 'text', content: 'Hi' },
        { type: 'usage', inputTokens: 5, outputTokens: 9 },
        { type: 'done', reason: 'stop', complete: true, origin: 'end_turn' },
      ],
    );
  });

  it('lets later counts correct earlier ones, and tells of thinking tokens', () => {
    const usage = {
      input_tokens: 7,
      output_tokens: 3,
      cache_read_input_tokens: null,
      output_tokens_details: { thinking_tokens: 2 },
    };
    assert.deepEqual(readAnswer(decode(begin, finish('end_turn', usage), end)).usage, {
      type: 'usage',
      inputTokens: 7,
      outputTokens: 3,
      reasoningTokens: 2,
    });
  });

  it('reads text and thinking that stand in the start of a block', () => {
    const answer = readAnswer(
      decode(
        begin,
        start(0, { type: 'thinking', thinking: 'Hm', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: '.' }),
        start(1, { type: 'text', text: 'A' }),
        delta(1, { type: 'text_delta', text: 'B' }),
      ),
    );
    assert.deepEqual([answer.reasoning, answer.text], ['Hm.', 'AB']);
  });

  it('keeps blocks apart that are open at the same time', () => {
    const json = (index: number, partial_json: string): object =>
      delta(index, { type: 'input_json_delta', partial_json });
    const answer = readAnswer(
      decode(
        begin,
        start(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
        start(1, { type: 'tool_use', id: 'b', name: 'g', input: {} }),
        json(0, '{"x"'),
        json(1, '{"y":'),
        json(0, ':1}'),
        json(1, '2}'),
        stop(1),
        stop(0),
        finish('tool_use'),
        end,
      ),
    );
    assert.deepEqual(answer.toolCalls, [
      { id: 'b', name: 'g', args: { y: 2 } },
      { id: 'a', name: 'f', args: { x: 1 } },
    ]);
  });

  it('reads a stream that begins in the middle', () => {
    const answer = readAnswer(
      decode(
        delta(3, { type: 'text_delta', text: 'rest' }),
        delta(4, { type: 'input_json_delta', partial_json: '{' }),
        stop(3),
        finish('end_turn'),
        end,
      ),
    );
    assert.deepEqual([answer.text, answer.errors, answer.toolCalls], ['rest', [], []]);
    assert.equal(answer.done[0]?.complete, true);
  });

  it('reads blocks without an index', () => {
    const events = say(0, 'a').map((event) => ({ ...event, index: undefined }));
    assert.equal(readAnswer(decode(begin, ...events, ...events, end)).text, 'aa');
  });

  it('takes a second message in one stream for another turn, and a repeated start for nothing', () => {
    const second = { type: 'message_start', message: { id: 'msg_2', usage: { output_tokens: 4 } } };
    const events = decode(begin, begin, ...call(0, 'a', '{"x":1}'), second, ...say(0, 'b'), end);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['start', 'usage', 'tool_call_start', 'tool_call_delta', 'tool_call', 'step', 'usage', 'text', 'done'],
    );
  });

  it('reads a whole answer that was not streamed', () => {
    const events = decode(
      frame(
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [
            { type: 'thinking', thinking: 'Hm', signature: 's' },
            { type: 'text', text: 'Look:' },
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          ],
          stop_reason: 'tool_use',
          usage: { input_tokens: 1, output_tokens: 2 },
        },
        { framing: 'json' },
      ),
    );
    const answer = readAnswer(events);
    assert.deepEqual([answer.reasoning, answer.text], ['Hm', 'Look:']);
    assert.deepEqual(answer.toolCalls, [{ id: 'a', name: 'f', args: { x: 1 } }]);
    assert.deepEqual(answer.usage, { type: 'usage', inputTokens: 1, outputTokens: 2 });
    assert.deepEqual(answer.done, [
      { type: 'done', reason: 'tool_calls', complete: true, origin: 'tool_use' },
    ]);
  });

  it('counts events, blocks and deltas that it does not know, and passes them over', () => {
    const decoder = getDialect('anthropic').createDecoder();
    const unknown = [
      { type: 'from_the_future' },
      { type: 'constructor' },
      start(0, { type: 'hologram', depth: 3 }),
      delta(0, { type: 'hologram_delta', depth: 4 }),
      [1],
    ];
    for (const each of unknown) assert.deepEqual(decoder.decode(frame(each)), []);
    assert.equal(decoder.unknownFrames, unknown.length);
  });

  it('gives nothing after the end', () => {
    const decoder = getDialect('anthropic').createDecoder();
    assert.equal(decoder.decode(frame(end)).length, 1);
    assert.deepEqual(decoder.decode(frame(delta(0, { type: 'text_delta', text: 'late' }))), []);
    assert.deepEqual(decoder.finish(), []);
  });

  const reasons: [string, string][] = [
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'unknown'],
    ['from_the_future', 'unknown'],
  ];
  for (const [origin, reason] of reasons) {
    it(`ends with ${reason} after ${origin}, complete also without message_stop`, () => {
      assert.deepEqual(decode(begin, ...say(0, 'a'), finish(origin)).at(-1), {
        type: 'done',
        reason,
        complete: true,
        origin,
        ...(origin === 'pause_turn' && { paused: true }),
      });
    });
  }

  it('hands the page what explains a refusal', () => {
    const stop_details = { type: 'refusal', category: 'cyber', explanation: 'Declined.' };
    const refused = { type: 'message_delta', delta: { stop_reason: 'refusal', stop_details }, usage: {} };
    assert.deepEqual(
      decode(begin, refused, end).find(({ type }) => type === 'data'),
      { type: 'data', name: 'stop_details', value: stop_details },
    );
  });

  it('takes calls for the reason when a gateway says end_turn', () => {
    assert.deepEqual(decode(begin, ...call(0, 'a', '{}'), finish('end_turn'), end).at(-1), {
      type: 'done',
      reason: 'tool_calls',
      complete: true,
      origin: 'end_turn',
    });
  });
});

describe('errors of anthropic', () => {
  const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };

  it('shows an error in the stream once, and is not complete', () => {
    const answer = readAnswer(
      decode(
        begin,
        start(0, { type: 'text', text: '' }),
        delta(0, { type: 'text_delta', text: 'a' }),
        frame(overloaded, { event: 'error' }),
        overloaded,
      ),
    );
    assert.equal(answer.text, 'a');
    assert.deepEqual(
      answer.errors.map(({ code, message, recoverable, origin }) => [code, message, recoverable, origin]),
      [['provider', 'Overloaded', true, { type: 'overloaded_error' }]],
    );
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('reads errors of gateways: without a type, under an error event, as text', () => {
    const message = (each: Frame | object): string | undefined =>
      readAnswer(decode(begin, each)).errors[0]?.message;
    assert.equal(message({ error: { message: 'No.' } }), 'No.');
    assert.equal(message(frame({ type: 'api_error', message: 'No.' }, { event: 'error' })), 'No.');
    assert.equal(message(frame('No.', { event: 'error' })), 'No.');
  });

  it('does not offer to try again what will fail again', () => {
    const error = { type: 'error', error: { type: 'invalid_request_error', message: 'No.' } };
    assert.equal(readAnswer(decode(begin, error)).errors[0]?.recoverable, false);
  });

  it('skips an event that is not JSON, says so once, and goes on', () => {
    const answer = readAnswer(decode(begin, '{"type":', '{', ...say(0, 'b'), finish('end_turn'), end));
    assert.equal(answer.text, 'b');
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['protocol'],
    );
  });

  it('drops a last event that was cut, without a word', () => {
    assert.deepEqual(decode(begin, ...say(0, 'a'), frame('{"type":"mess', { closed: false })).slice(2), [
      { type: 'text', content: 'a' },
      { type: 'done', reason: 'unknown', complete: false },
    ]);
  });

  it('says so when nothing in an answer is known', () => {
    const answer = readAnswer(decode({ hello: 1 }));
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['protocol'],
    );
  });
});

describe('tool calls of anthropic', () => {
  it('takes no arguments, or an empty first piece of them, for what they are', () => {
    const answer = readAnswer(
      decode(
        begin,
        ...call(0, 'a', ''),
        ...call(1, 'b'),
        ...call(2, 'c', '', '{"x":', '1}'),
        finish('tool_use'),
        end,
      ),
    );
    assert.deepEqual(
      answer.toolCalls.map(({ id, args }) => [id, args]),
      [
        ['a', {}],
        ['b', {}],
        ['c', { x: 1 }],
      ],
    );
  });

  it('reads arguments that stand whole in the start of the block', () => {
    const whole = start(0, { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } });
    assert.deepEqual(decode(begin, whole, stop(0), finish('tool_use'), end).slice(2, -1), [
      { type: 'tool_call_start', id: 'a', name: 'f', by: 'client' },
      { type: 'tool_call_delta', id: 'a', delta: '{"x":1}' },
      { type: 'tool_call', id: 'a', name: 'f', args: { x: 1 } },
    ]);
    const repeated = delta(0, { type: 'input_json_delta', partial_json: '{"x":1}' });
    assert.deepEqual(readAnswer(decode(begin, whole, repeated, stop(0), finish('tool_use'), end)).toolCalls, [
      { id: 'a', name: 'f', args: { x: 1 } },
    ]);
  });

  for (const reason of ['max_tokens', 'refusal']) {
    it(`never gives the call that ${reason} cut, and gives the ones before it`, () => {
      for (const piece of ['', '{"x":']) {
        const answer = readAnswer(
          decode(begin, ...call(0, 'a', ''), ...call(1, 'b', piece), finish(reason), end),
        );
        assert.deepEqual(
          answer.toolCalls.map(({ id }) => id),
          ['a'],
        );
      }
    });
  }

  it('never gives a call whose arguments the end of the stream cut', () => {
    assert.deepEqual(readAnswer(decode(begin, ...call(0, 'a', '{"x":'))).toolCalls, []);
    assert.deepEqual(readAnswer(decode(begin, ...call(0, 'a', '').slice(0, 2))).toolCalls, []);
  });

  it('gives the text of arguments that are no JSON although nothing cut them', () => {
    assert.equal(
      readAnswer(decode(begin, ...call(0, 'a', '{"x":'), finish('tool_use'), end)).toolCalls[0]?.args,
      '{"x":',
    );
  });

  it('shows calls of the endpoint with their results, and does not wait for them', () => {
    const results = [{ type: 'web_search_result', url: 'https://a.example', title: 'A' }];
    const events = decode(
      begin,
      start(0, { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":"a"}' }),
      stop(0),
      start(1, { type: 'web_search_tool_result', tool_use_id: 's1', content: results }),
      stop(1),
      finish('end_turn'),
      end,
    );
    assert.deepEqual(
      events.filter(({ type }) => type.startsWith('tool_') || type === 'source'),
      [
        { type: 'tool_call_start', id: 's1', name: 'web_search', by: 'server' },
        { type: 'tool_call_delta', id: 's1', delta: '{"query":"a"}' },
        { type: 'tool_call', id: 's1', name: 'web_search', args: { query: 'a' } },
        { type: 'tool_result', id: 's1', result: results },
        { type: 'source', id: 'https://a.example', url: 'https://a.example', title: 'A' },
      ],
    );
    assert.deepEqual(readAnswer(events).done[0]?.reason, 'stop');
  });

  for (const [type, content, is_error] of [
    [
      'web_fetch_tool_result',
      { type: 'web_fetch_tool_result_error', error_code: 'url_not_allowed' },
      undefined,
    ],
    ['mcp_tool_result', [{ type: 'text', text: 'No.' }], true],
    ['tool_result', 'No.', true],
    ['hologram_tool_result', { type: 'hologram_tool_result_error' }, undefined],
  ] as const) {
    it(`tells a failed ${type}`, () => {
      const [, , result] = decode(begin, start(0, { type, tool_use_id: 's1', content, is_error }));
      assert.deepEqual(result, { type: 'tool_result', id: 's1', result: content, isError: true });
    });
  }
});

describe('sources of anthropic', () => {
  it('come from citations of the web, of search results and of documents, each once', () => {
    const cite = (citation: object): object => delta(0, { type: 'citations_delta', citation });
    const web = { type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'x' };
    const sources = decode(
      begin,
      start(0, { type: 'text', text: '', citations: [] }),
      cite(web),
      cite({ ...web, cited_text: 'y' }),
      cite({ type: 'search_result_location', source: 'https://b.example', title: null }),
      cite({ type: 'search_result_location', source: 'handbook', title: 'Handbook' }),
      cite({ type: 'char_location', document_index: 0, document_title: 'facts.txt' }),
      cite({ type: 'page_location', document_index: 0, document_title: 'facts.txt' }),
    ).filter(({ type }) => type === 'source');
    assert.deepEqual(sources, [
      { type: 'source', id: 'https://a.example', url: 'https://a.example', title: 'A' },
      { type: 'source', id: 'https://b.example', url: 'https://b.example' },
      { type: 'source', id: 'handbook', title: 'Handbook' },
      { type: 'source', id: 'document-0', title: 'facts.txt' },
    ]);
  });

  it('come from a page that was fetched', () => {
    const content = { type: 'web_fetch_result', url: 'https://a.example', content: { title: 'A' } };
    assert.deepEqual(
      decode(begin, start(0, { type: 'web_fetch_tool_result', tool_use_id: 's', content })).find(
        ({ type }) => type === 'source',
      ),
      { type: 'source', id: 'https://a.example', url: 'https://a.example', title: 'A' },
    );
  });
});

const hello: Message = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  return getDialect('anthropic').encode({ conversationId: 'c', messages: [], tools: [], ...fields });
}

function messagesOf(...messages: Message[]): unknown {
  return encode({ messages })['messages'];
}

/** The message that a stream leaves behind, its calls answered. */
function answerOf(...events: object[]): Message {
  return answeredMessage(decode(begin, ...events));
}

describe('the request of anthropic', () => {
  it('has the fields that the endpoint insists on, and the fields of the page last', () => {
    const inputSchema = { type: 'object', properties: { a: { type: 'number' } } };
    assert.deepEqual(
      encode({
        model: 'm',
        system: 'Be brief.',
        messages: [{ id: 's', role: 'system', parts: [{ type: 'text', text: 'Be kind.' }] }, hello],
        tools: [
          { name: 'f', description: 'F', inputSchema },
          { name: 'g', description: 'G' },
        ],
        body: { max_tokens: 100, temperature: 0 },
      }),
      {
        model: 'm',
        max_tokens: 100,
        system: 'Be brief.\n\nBe kind.',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
        stream: true,
        tools: [
          { name: 'f', description: 'F', input_schema: inputSchema },
          { name: 'g', description: 'G', input_schema: { type: 'object', properties: {} } },
        ],
        temperature: 0,
      },
    );
    assert.equal(encode({})['max_tokens'], 4096);
    assert.deepEqual(getDialect('anthropic').headers, {
      'anthropic-version': '2023-06-01',
      'anthropic-dangerous-direct-browser-access': 'true',
    });
  });

  it('sends images and documents, by address or as data', () => {
    const files: Message = {
      ...hello,
      parts: [
        { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
        { type: 'file', data: 'QQ==', mediaType: 'image/jpeg' },
        { type: 'file', url: 'data:image/gif;base64,Qg==', mediaType: 'image/gif' },
        { type: 'file', data: 'QQ==', mediaType: 'application/pdf', name: 'a.pdf' },
        { type: 'file', url: 'https://example.com/b.pdf', mediaType: 'application/pdf' },
        { type: 'file', data: 'w6Q=', mediaType: 'text/markdown', name: 'a.md' },
        { type: 'text', text: 'Look' },
      ],
    };
    assert.deepEqual(messagesOf(files), [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'QQ==' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'Qg==' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'QQ==' },
            title: 'a.pdf',
          },
          { type: 'document', source: { type: 'url', url: 'https://example.com/b.pdf' } },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ä' }, title: 'a.md' },
          { type: 'text', text: 'Look' },
        ],
      },
    ]);
  });

  it('sends only the names of files of a kind that is refused', () => {
    const files: Message = {
      ...hello,
      parts: [
        { type: 'file', data: 'QQ==', mediaType: 'audio/wav', name: 'a.wav' },
        { type: 'file', url: 'https://example.com/a.mp4', mediaType: 'video/mp4' },
        { type: 'file', data: 'QQ==', mediaType: 'image/heic' },
        { type: 'file', data: 'PHN2Zy8+', mediaType: 'image/svg+xml' },
      ],
    };
    const note = (words: string): object => ({
      type: 'text',
      text: `(A file that cannot be read here: ${words})`,
    });
    assert.deepEqual(messagesOf(files), [
      {
        role: 'user',
        content: [
          note('a.wav, audio/wav'),
          note('no name, video/mp4'),
          note('no name, image/heic'),
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '<svg/>' } },
        ],
      },
    ]);
  });

  it('sends calls back with their results in front of what the user said next', () => {
    const message = answerOf(
      ...say(0, 'See:'),
      ...call(1, 'a', '{"x":1}'),
      ...call(2, 'b'),
      finish('tool_use'),
    );
    assert.deepEqual(messagesOf(hello, message, hello), [
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'See:' },
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
          { type: 'tool_result', tool_use_id: 'b', content: 'ok' },
          { type: 'text', text: 'Hello' },
        ],
      },
    ]);
  });

  it('closes calls that failed or were never answered, and leaves out those that never became whole', () => {
    const tool = { type: 'tool', name: 'f', by: 'client', argsText: '{"x":' } as const;
    const message: Message = {
      id: 'a',
      role: 'assistant',
      parts: [
        { ...tool, id: 'failed', state: 'failed', args: {}, result: { why: 1 } },
        { ...tool, id: 'open', state: 'running', args: '{"x":' },
        { ...tool, id: 'half', state: 'preparing' },
      ],
    };
    const [, calls, results] = messagesOf(hello, message) as Message[];
    assert.deepEqual(calls, {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'failed', name: 'f', input: {} },
        { type: 'tool_use', id: 'open', name: 'f', input: { INVALID_JSON: '{"x":' } },
      ],
    });
    assert.deepEqual(results, {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'failed', content: '{"why":1}', is_error: true },
        {
          type: 'tool_result',
          tool_use_id: 'open',
          content: 'Error: the tool was not run, or gave no result.',
          is_error: true,
        },
      ],
    });
  });

  it('sends everything of an answer back as it came and in its place', () => {
    const citation = { type: 'web_search_result_location', url: 'https://a.example', encrypted_index: 'E' };
    const result = {
      type: 'web_search_tool_result',
      tool_use_id: 's1',
      content: [{ type: 'web_search_result', url: 'https://a.example', encrypted_content: 'E' }],
      caller: { type: 'direct' },
    };
    const search = { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} };
    const mcp = { type: 'mcp_tool_use', id: 'm1', name: 'ask', server_name: 'wiki', input: {} };
    const silent = [
      { type: 'redacted_thinking', data: 'D' },
      { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } },
      { type: 'container_upload', file_id: 'file_1' },
      { type: 'hologram', depth: 3 },
    ];
    const message = answerOf(
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'thinking_delta', thinking: '.' }),
      delta(0, { type: 'signature_delta', signature: 'S' }),
      stop(0),
      ...say(1, 'One. '),
      ...silent.flatMap((block, index) => [start(2 + index, block), stop(2 + index)]),
      ...say(6, 'Two. '),
      start(7, search),
      delta(7, { type: 'input_json_delta', partial_json: '{"query":"a"}' }),
      stop(7),
      start(8, result),
      stop(8),
      start(9, { type: 'text', text: '', citations: [] }),
      delta(9, { type: 'text_delta', text: 'Three.' }),
      delta(9, { type: 'citations_delta', citation }),
      stop(9),
      start(10, { type: 'compaction', content: null }),
      delta(10, { type: 'compaction_delta', content: 'So far', encrypted_content: 'E' }),
      stop(10),
      start(11, mcp),
      stop(11),
      start(12, { type: 'mcp_tool_result', tool_use_id: 'm1', content: [], is_error: false }),
      stop(12),
      start(13, { type: 'tool_use', id: 'a', name: 'f', input: {}, caller: { type: 'code', tool_id: 's1' } }),
      stop(13),
      finish('tool_use'),
      end,
    );
    const [, assistant] = messagesOf(hello, message) as { content: unknown[] }[];
    assert.deepEqual(assistant?.content, [
      { type: 'thinking', thinking: 'Hm.', signature: 'S' },
      { type: 'text', text: 'One. ' },
      ...silent,
      { type: 'text', text: 'Two. ' },
      { ...search, input: { query: 'a' } },
      result,
      { type: 'text', text: 'Three.', citations: [citation] },
      { type: 'compaction', content: 'So far', encrypted_content: 'E' },
      mcp,
      { type: 'mcp_tool_result', tool_use_id: 'm1', content: [], is_error: false },
      { type: 'tool_use', id: 'a', name: 'f', input: {}, caller: { type: 'code', tool_id: 's1' } },
    ]);
  });

  it('does not keep a block whose deltas it did not understand', () => {
    const strange = [start(0, { type: 'hologram' }), delta(0, { type: 'hologram_delta' }), stop(0)];
    assert.deepEqual(opaqueOf(decode(begin, ...strange)), []);
  });

  it('sends the words of the page where it has changed an answer', () => {
    const message = answerOf(
      start(0, { type: 'text', text: 'Three.', citations: [{ type: 'char_location' }] }),
      stop(0),
      start(1, { type: 'redacted_thinking', data: 'D' }),
      stop(1),
      ...say(2, ' Four.'),
      finish('end_turn'),
    );
    const edited = message.parts.map((part) => (part.type === 'text' ? { ...part, text: 'New' } : part));
    const [, assistant] = messagesOf(hello, { ...message, parts: edited }) as { content: unknown[] }[];
    assert.deepEqual(assistant?.content, [{ type: 'text', text: 'New' }]);
  });

  it('sends neither blank text nor an answer that ends in thinking', () => {
    const message = answerOf(
      start(0, { type: 'thinking', thinking: 'Hm', signature: 'S' }),
      stop(0),
      ...say(1, '\n\n'),
    );
    assert.deepEqual(messagesOf(hello, message), [
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ]);
  });

  it('sends a call of the endpoint without its result only while the answer is going on', () => {
    const use = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'a' } };
    const paused = answerOf(...say(0, 'Wait.'), start(1, use), stop(1), finish('pause_turn'), end);
    const types = (...messages: Message[]): unknown[] =>
      (messagesOf(...messages) as { content: { type: string }[] }[])[1]!.content.map(({ type }) => type);
    assert.deepEqual(types(hello, paused), ['text', 'server_tool_use']);
    assert.deepEqual(types(hello, paused, hello), ['text']);
    const rest = answerOf(
      start(0, { type: 'web_search_tool_result', tool_use_id: 's1', content: [] }),
      stop(0),
      ...say(1, 'Done.'),
    );
    assert.deepEqual(types(hello, paused, rest, hello), [
      'text',
      'server_tool_use',
      'web_search_tool_result',
      'text',
    ]);
  });

  it('sends the id of a container back until it expires', () => {
    const answer = (expires_at: string): Message =>
      answerOf(...say(0, 'a'), {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', container: { id: 'container_1', expires_at } },
      });
    assert.equal(encode({ messages: [hello, answer('9999-01-01T00:00:00Z')] })['container'], 'container_1');
    assert.equal('container' in encode({ messages: [hello, answer('2020-01-01T00:00:00Z')] }), false);
  });

  it('joins messages of the same role, and begins with the user', () => {
    const greeting: Message = { id: 'g', role: 'assistant', parts: [{ type: 'text', text: 'Welcome!' }] };
    const roles = (messagesOf(greeting, hello, hello) as { role: string; content: unknown[] }[]).map(
      ({ role, content }) => [role, content.length],
    );
    assert.deepEqual(roles, [
      ['user', 1],
      ['assistant', 1],
      ['user', 2],
    ]);
  });

  it('leaves the parts of other dialects unread', () => {
    const message: Message = {
      id: 'a',
      role: 'assistant',
      parts: [
        { type: 'opaque', dialect: 'gemini', value: { block: { type: 'thinking' }, at: 0 } },
        { type: 'opaque', dialect: 'anthropic', value: null },
        { type: 'text', text: 'Hi' },
      ],
    };
    const [, assistant] = messagesOf(hello, message) as { content: unknown[] }[];
    assert.deepEqual(assistant?.content, [{ type: 'text', text: 'Hi' }]);
  });
});
