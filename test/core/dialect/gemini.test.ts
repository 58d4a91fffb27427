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
import { answeredCall, answeredMessage, decodeAs, frame } from '../../support/dialect.js';
import { byteByByte, decodeFrames, frameBytes, readAnswer, whole } from '../../support/wire.js';

function parts(...list: object[]): object {
  return { candidates: [{ content: { role: 'model', parts: list } }] };
}

const stop = { candidates: [{ content: {}, finishReason: 'STOP' }] };

function decode(...chunks: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('gemini', ...chunks);
}

function typesOf(events: StreamEvent[]): string[] {
  return events.map(({ type }) => type);
}

function done(events: StreamEvent[]): Extract<StreamEvent, { type: 'done' }> | undefined {
  return readAnswer(events).done[0];
}

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  return getDialect('gemini').encode({ conversationId: 'c', messages: [], tools: [], ...fields });
}

function contents(...messages: Message[]): unknown {
  return encode({ messages })['contents'];
}

describe('text and thoughts of gemini', () => {
  it('tells thoughts from text by their mark', () => {
    const answer = readAnswer(
      decode(parts({ text: 'hm', thought: true }, { text: 'a' }), parts({ text: 'b', thought: false }), stop),
    );
    assert.deepEqual([answer.reasoning, answer.text], ['hm', 'ab']);
  });

  it('survives chunks without candidates, content, or parts', () => {
    const answer = readAnswer(
      decode(
        { candidates: [] },
        { candidates: [{}] },
        { candidates: [{ content: { role: 'model' } }] },
        { usageMetadata: { trafficType: 'ON_DEMAND' } },
        { candidates: [{ content: { parts: [null, {}, { text: null }, { text: 'a' }, { video: {} }] } }] },
        stop,
      ),
    );
    assert.deepEqual([answer.text, answer.usage, answer.errors], ['a', undefined, []]);
  });

  it('takes the first candidate only', () => {
    const other = { candidates: [{ index: 1, content: { parts: [{ text: 'x' }] }, finishReason: 'SAFETY' }] };
    const answer = readAnswer(decode(other, parts({ text: 'a' }), other, stop));
    assert.deepEqual([answer.text, answer.done[0]?.origin], ['a', 'STOP']);
  });

  it('says once which model answers, and under which id', () => {
    const named = { ...parts({ text: 'a' }), responseId: 'r', modelVersion: 'm' };
    assert.deepEqual(decode(named, named, stop)[0], { type: 'start', streamId: 'r', model: 'm' });
    assert.equal(decode(named, named).filter(({ type }) => type === 'start').length, 1);
  });

  it('counts frames that it does not know, and shows the rest', () => {
    const decoder = getDialect('gemini').createDecoder();
    const events = decodeFrames([frame({ novelty: 1 }), frame(parts({ text: 'a' })), frame('7')], decoder);
    assert.equal(decoder.unknownFrames, 2);
    assert.equal(readAnswer(events).text, 'a');
  });

  it('gives files, inline or by address', () => {
    const events = decode(
      parts(
        { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
        { fileData: { mimeType: 'video/mp4', fileUri: 'gs://b/v' } },
        { inlineData: { mimeType: 'image/png' } },
      ),
      stop,
    );
    assert.deepEqual(events.slice(0, 2), [
      { type: 'file', data: 'AAAA', mediaType: 'image/png' },
      { type: 'file', url: 'gs://b/v', mediaType: 'video/mp4' },
    ]);
    assert.equal(readAnswer(events).files, 2);
  });

  it('gives each source once, and none that could not be read', () => {
    const candidate = {
      content: { parts: [{ text: 'a' }] },
      groundingMetadata: {
        groundingChunks: [
          { web: { uri: 'https://a', title: 'A' } },
          { retrievedContext: { uri: 'gs://b', title: 'B' } },
          { retrievedContext: { text: 'no address' } },
          { maps: { uri: 'https://maps', title: 'Café' } },
          { image: { sourceUri: 'https://i', imageUri: 'https://i/i.png', title: 'I' } },
        ],
      },
      citationMetadata: {
        citations: [{ uri: 'https://a' }, { uri: '', title: 'none' }, { uri: 'https://c' }],
      },
      urlContextMetadata: {
        urlMetadata: [
          { retrievedUrl: 'https://d', urlRetrievalStatus: 'URL_RETRIEVAL_STATUS_SUCCESS' },
          { retrievedUrl: 'https://e', urlRetrievalStatus: 'URL_RETRIEVAL_STATUS_ERROR' },
        ],
      },
    };
    const events = decode({ candidates: [candidate] }, { candidates: [candidate] }, stop);
    assert.deepEqual(readAnswer(events).sources, [
      'https://a',
      'gs://b',
      'https://maps',
      'https://i',
      'https://c',
      'https://d',
    ]);
    assert.deepEqual(
      events.find(({ type }) => type === 'source'),
      { type: 'source', id: 'https://a', url: 'https://a', title: 'A' },
    );
  });

  it('gives the counts when they change, the last ones last', () => {
    const usage = (promptTokenCount: number, candidatesTokenCount?: number): object => ({
      ...parts({ text: 'a' }),
      usageMetadata: { promptTokenCount, candidatesTokenCount, totalTokenCount: 9, thoughtsTokenCount: 2 },
    });
    const counts = decode(usage(5), usage(5), usage(3, 4), stop).filter(({ type }) => type === 'usage');
    assert.deepEqual(counts, [
      { type: 'usage', inputTokens: 5, totalTokens: 9, reasoningTokens: 2 },
      { type: 'usage', inputTokens: 3, outputTokens: 4, totalTokens: 9, reasoningTokens: 2 },
    ]);
  });
});

describe('calls of gemini', () => {
  it('come whole, several in one chunk, with and without an id', () => {
    const events = decode(
      parts(
        { functionCall: { name: 'f', args: { a: 1 } } },
        { functionCall: { name: 'f', args: { a: 2 } } },
        { functionCall: { name: 'g', id: 'g-1' } },
      ),
      stop,
    );
    const { toolCalls } = readAnswer(events);
    assert.deepEqual(
      toolCalls.map(({ name, args }) => [name, args]),
      [
        ['f', { a: 1 }],
        ['f', { a: 2 }],
        ['g', {}],
      ],
    );
    assert.equal(toolCalls[2]?.id, 'g-1');
    assert.equal(new Set(toolCalls.map(({ id }) => id)).size, 3);
    assert.deepEqual(done(events), { type: 'done', reason: 'tool_calls', complete: true, origin: 'STOP' });
  });

  const piece = (more: object): object => parts({ functionCall: { willContinue: true, ...more } });
  const value = (jsonPath: string, stringValue: string, id?: string): object =>
    piece({ partialArgs: [{ jsonPath, stringValue, willContinue: true }], ...(id && { id }) });

  it('come value by value, with arguments that grow as JSON', () => {
    const events = decode(
      piece({ name: 'f' }),
      value('$.city', 'Bos'),
      value('$.city', 'ton'),
      parts({ functionCall: {} }),
      piece({ name: 'now' }),
      parts({ functionCall: {} }),
      stop,
    );
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'tool_call_delta' ? [event.delta] : [])),
      ['{"city":"Bos', 'ton', '"}', '{}'],
    );
    assert.deepEqual(
      readAnswer(events).toolCalls.map(({ name, args }) => [name, args]),
      [
        ['f', { city: 'Boston' }],
        ['now', {}],
      ],
    );
  });

  it('end with the next one, or with the answer, where the piece that closes them is missing', () => {
    const { toolCalls } = readAnswer(
      decode(piece({ name: 'f' }), value('$.a', 'x'), piece({ name: 'g' }), value('$.b', 'y'), stop),
    );
    assert.deepEqual(
      toolCalls.map(({ name, args }) => [name, args]),
      [
        ['f', { a: 'x' }],
        ['g', { b: 'y' }],
      ],
    );
  });

  it('arrive at the same time, kept apart by their ids', () => {
    const { toolCalls } = readAnswer(
      decode(
        piece({ name: 'f', id: '1' }),
        piece({ name: 'f', id: '2' }),
        value('$.a', 'x', '1'),
        value('$.a', 'y', '2'),
        value('$.a', 'x', '1'),
        parts({ functionCall: { id: '2' } }, { functionCall: { id: '1' } }),
        stop,
      ),
    );
    assert.deepEqual(toolCalls, [
      { id: '2', name: 'f', args: { a: 'y' } },
      { id: '1', name: 'f', args: { a: 'xx' } },
    ]);
  });

  it('are whole although their values came out of order', () => {
    const { toolCalls } = readAnswer(
      decode(
        piece({ name: 'f' }),
        value('$.a.b', 'x'),
        value('$.c', 'y'),
        value('$.a.d', 'z'),
        parts({ functionCall: {} }),
        stop,
      ),
    );
    assert.deepEqual(toolCalls[0]?.args, { a: { b: 'x', d: 'z' }, c: 'y' });
  });

  it('are not made when the stream breaks off in their middle', () => {
    const events = decode(piece({ name: 'f' }), value('$.a', 'x'));
    assert.deepEqual(readAnswer(events).toolCalls, []);
    assert.deepEqual(done(events), { type: 'done', reason: 'unknown', complete: false });
  });

  it('are passed over when their beginning is missing', () => {
    assert.deepEqual(typesOf(decode(value('$.a', 'x'), parts({ functionCall: {} }), stop)), ['done']);
  });

  it('are not made when their arguments are longer than a call may be', () => {
    const long = Array.from({ length: 11 }, () => value('$.a', 'x'.repeat(100_000)));
    const answer = readAnswer(decode(piece({ name: 'f' }), ...long, parts({ functionCall: {} }), stop));
    assert.deepEqual(answer.toolCalls, []);
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['limit'],
    );
  });

  it("of the endpoint's own tools come with their results", () => {
    const events = decode(
      parts({ executableCode: { language: 'PYTHON', code: 'print(1)' } }),
      parts({ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } }),
      parts({ executableCode: { language: 'PYTHON', code: 'boom', id: 'x' } }),
      parts({ codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: 'no', id: 'x' } }),
      parts({ toolCall: { toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['q'] }, id: 's' } }),
      parts({ toolResponse: { toolType: 'GOOGLE_SEARCH_WEB', response: { hits: 2 }, id: 's' } }),
      stop,
    );
    const { serverTools, toolCalls } = readAnswer(events);
    assert.deepEqual(toolCalls, []);
    assert.deepEqual(
      serverTools.map(({ type }) => type),
      ['executableCode', 'executableCode', 'GOOGLE_SEARCH_WEB'],
    );
    const shown = answeredMessage(events, (name) => ({ of: name })).parts.filter(
      (part): part is ToolPart => part.type === 'tool',
    );
    assert.deepEqual(
      shown.map(({ by, state, args, result }) => ({ by, state, args, result })),
      [
        {
          by: 'server',
          state: 'done',
          args: { language: 'PYTHON', code: 'print(1)' },
          result: { outcome: 'OUTCOME_OK', output: '1\n' },
        },
        {
          by: 'server',
          state: 'failed',
          args: { language: 'PYTHON', code: 'boom' },
          result: { outcome: 'OUTCOME_FAILED', output: 'no' },
        },
        { by: 'server', state: 'done', args: { queries: ['q'] }, result: { hits: 2 } },
      ],
    );
    assert.equal(done(events)?.reason, 'stop');
  });
});

describe('the end of gemini', () => {
  const reasons: [string, string][] = [
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['OTHER', 'unknown'],
    ['NOVELTY', 'unknown'],
  ];
  for (const [word, reason] of reasons) {
    it(`takes ${word} for ${reason}`, () => {
      assert.deepEqual(done(decode({ candidates: [{ finishReason: word }] })), {
        type: 'done',
        reason,
        complete: true,
        origin: word,
      });
    });
  }

  it('does not come with a finish reason, which older models send with every chunk', () => {
    const chunk = (text: string): object => ({
      candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }],
    });
    assert.equal(readAnswer(decode(chunk('a'), chunk('b'))).text, 'ab');
  });

  it('is not complete when the last chunk is half there', () => {
    const half = frame('{"candidates":[{"cont', { closed: false });
    const events = decode(
      { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] },
      half,
    );
    assert.deepEqual(done(events), { type: 'done', reason: 'stop', complete: false, origin: 'STOP' });
    assert.deepEqual(readAnswer(events).errors, []);
  });

  it('is a filter when the prompt was blocked', () => {
    assert.deepEqual(done(decode({ promptFeedback: { blockReason: 'SAFETY' } })), {
      type: 'done',
      reason: 'content_filter',
      complete: true,
      origin: 'BLOCKED:SAFETY',
    });
  });

  it('comes at once with the terminator that gateways add', () => {
    const decoder = getDialect('gemini').createDecoder();
    decoder.decode(frame(stop));
    assert.deepEqual(typesOf(decoder.decode(frame('[DONE]'))), ['done']);
    assert.deepEqual(decoder.finish(), []);
  });

  it('is an error when one is reported, in or outside of a field, once', () => {
    const error = { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } };
    for (const last of [frame(error), frame([error]), frame(error, { framing: 'json' })]) {
      const events = decode(parts({ text: 'a' }), stop, last, last);
      assert.deepEqual(readAnswer(events).errors, [
        {
          type: 'error',
          code: 'provider',
          message: 'Overloaded',
          recoverable: true,
          origin: { code: 503 },
        },
      ]);
      assert.deepEqual(done(events), { type: 'done', reason: 'error', complete: false, origin: 'STOP' });
    }
  });

  it('is an error when nothing can be read', () => {
    const events = decode({ novelty: 1 });
    assert.deepEqual(
      readAnswer(events).errors.map(({ code }) => code),
      ['protocol'],
    );
  });

  it('reports damaged chunks once and goes on', () => {
    const answer = readAnswer(decode(parts({ text: 'a' }), '{bad', '{worse', parts({ text: 'b' }), stop));
    assert.equal(answer.text, 'ab');
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['protocol'],
    );
  });
});

describe('gemini without alt=sse', () => {
  it('is read as its array grows', () => {
    const body = [parts({ text: 'Grüße ' }), parts({ text: '😀' }), stop]
      .map((chunk) => JSON.stringify(chunk, undefined, 2))
      .join('\r\n,\r\n');
    const bytes = new TextEncoder().encode(`[${body}\r\n]\r\n`);
    for (const split of [whole, byteByByte]) {
      let name = '';
      const decoder = createDialectDecoder('auto', (detected) => {
        name = detected;
      });
      const events = decodeFrames(frameBytes(split(bytes), { contentType: 'application/json' }), decoder);
      assert.equal(name, 'gemini');
      assert.equal(readAnswer(events).text, 'Grüße 😀');
      assert.equal(done(events)?.complete, true);
    }
  });

  it('is known by its error alone', () => {
    const error = { error: { code: 400, message: 'No', status: 'INVALID_ARGUMENT' } };
    for (const body of [error, [error]]) {
      const names: string[] = [];
      const decoder = createDialectDecoder('auto', (name) => names.push(name));
      const bytes = new TextEncoder().encode(JSON.stringify(body, undefined, 2));
      const events = decodeFrames(frameBytes([bytes], { contentType: 'application/json' }), decoder);
      assert.deepEqual(names, ['gemini']);
      assert.equal(readAnswer(events).errors[0]?.message, 'No');
    }
  });
});

describe('the request of gemini', () => {
  const hello: Message = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] };
  const call = (fields: Partial<ToolPart> = {}): ToolPart => answeredCall({ result: { b: 2 }, ...fields });
  const answer = (...list: Message['parts']): Message => ({ id: 'm', role: 'assistant', parts: list });

  it('has contents, the system text, tools, and no field that Gemini does not know', () => {
    const inputSchema = {
      type: 'object',
      properties: { a: { type: 'number' } },
      additionalProperties: false,
    };
    assert.deepEqual(
      encode({
        model: 'm',
        system: 'Be brief.',
        messages: [{ id: 's', role: 'system', parts: [{ type: 'text', text: 'Be kind.' }] }, hello],
        tools: [
          { name: 'f', description: 'F', inputSchema },
          { name: 'g', description: 'G' },
        ],
        body: { generationConfig: { temperature: 0 } },
      }),
      {
        contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
        systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
        tools: [
          {
            functionDeclarations: [
              { name: 'f', description: 'F', parametersJsonSchema: inputSchema },
              { name: 'g', description: 'G' },
            ],
          },
        ],
        generationConfig: { temperature: 0 },
      },
    );
  });

  it('lets the fields of the page win', () => {
    assert.deepEqual(encode({ messages: [hello], body: { contents: [] } }), { contents: [] });
  });

  it('carries attachments, by their bytes where it has them', () => {
    const user: Message = {
      id: 'u',
      role: 'user',
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'file', mediaType: 'image/png', data: 'AAAA', name: 'a.png' },
        { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,BBBB' },
        { type: 'file', mediaType: 'video/mp4', url: 'https://a/v.mp4' },
      ],
    };
    assert.deepEqual(contents(user), [
      {
        role: 'user',
        parts: [
          { text: 'Look' },
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { inlineData: { mimeType: 'image/png', data: 'BBBB' } },
          { fileData: { mimeType: 'video/mp4', fileUri: 'https://a/v.mp4' } },
        ],
      },
    ]);
  });

  it('has all results of a turn behind its calls, and then the next turn', () => {
    const message = answer(
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Let me see.' },
      call(),
      call({ id: 'c2', name: 'g', args: undefined, argsText: '', result: 'ok' }),
      call({ id: 'c3', name: 'h', state: 'failed', result: 'no' }),
      call({ id: 'c4', name: 'i', state: 'running', result: undefined }),
      call({ id: 'c5', state: 'preparing' }),
      call({ id: 'c6', by: 'server' }),
      { type: 'text', text: 'Done.' },
    );
    assert.deepEqual(contents(hello, message, { id: 'e', role: 'user', parts: [] }), [
      { role: 'user', parts: [{ text: 'Hello' }] },
      {
        role: 'model',
        parts: [
          { text: 'Let me see.' },
          { functionCall: { name: 'f', args: { a: 1 } } },
          { functionCall: { name: 'g', args: {} } },
          { functionCall: { name: 'h', args: { a: 1 } } },
          { functionCall: { name: 'i', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { b: 2 } } },
          { functionResponse: { name: 'g', response: { output: 'ok' } } },
          { functionResponse: { name: 'h', response: { error: 'no' } } },
          {
            functionResponse: {
              name: 'i',
              response: { error: 'Error: the tool was not run, or gave no result.' },
            },
          },
        ],
      },
      { role: 'model', parts: [{ text: 'Done.' }] },
    ]);
  });

  it('sends the results of messages that are nothing else', () => {
    assert.deepEqual(contents({ id: 't', role: 'tool', parts: [call()] }), [
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { b: 2 } } }] },
    ]);
  });

  it('sends signatures back on the parts they came with', () => {
    const sent = [
      { text: 'hm', thought: true },
      { text: '!', thought: true, thoughtSignature: 's1' },
      { text: 'a' },
      { text: 'b', thoughtSignature: 's2' },
      { text: 'c' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature: 's3' },
      { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: 's4' },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '' } },
      { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 's5' },
      { functionCall: { id: 'own', name: 'g', args: {} } },
      { text: '', thoughtSignature: 's6' },
    ];
    const events = decode(...sent.map((part) => parts(part)), stop);
    assert.deepEqual(contents(answeredMessage(events, (name) => ({ of: name }))), [
      { role: 'model', parts: sent },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { of: 'f' } } },
          { functionResponse: { id: 'own', name: 'g', response: { of: 'g' } } },
        ],
      },
    ]);
  });

  it('keeps a signature at the end of a text apart, also when a source stands between', () => {
    const events = decode(
      parts({ text: 'a' }),
      { candidates: [{ groundingMetadata: { groundingChunks: [{ web: { uri: 'https://a' } }] } }] },
      parts({ text: 'b' }),
      parts({ text: '', thoughtSignature: 's' }),
      stop,
    );
    assert.deepEqual(contents(answeredMessage(events, (name) => ({ of: name }))), [
      { role: 'model', parts: [{ text: 'ab' }, { text: '', thoughtSignature: 's' }] },
    ]);
  });

  it('leaves thoughts without a signature out, and what other dialects want back', () => {
    const message = answer(
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
      { type: 'opaque', dialect: 'anthropic', value: { type: 'file', thoughtSignature: 's' } },
      { type: 'opaque', dialect: 'gemini', value: { type: 'text' } },
      { type: 'opaque', dialect: 'gemini', value: null },
    );
    assert.deepEqual(contents(message), [{ role: 'model', parts: [{ text: 'a' }] }]);
  });
});
