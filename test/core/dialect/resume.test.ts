import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AskedRequest, Resumption } from '../../../src/core/dialect/dialect.js';
import { DIALECT_NAMES, getDialect, type DialectName, type Frame } from '../../../src/core/index.js';
import { asked, frame, named } from '../../support/dialect.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

interface Broken {
  /** What had arrived. */
  readonly frames?: readonly Frame[];
  readonly headers?: Record<string, string>;
  /** Where the answer came from, if not from where it was asked for. */
  readonly answeredBy?: string;
  readonly asked?: Partial<AskedRequest>;
  readonly lastEventId?: string;
}

/** How a dialect goes on with an answer that broke. */
function resume(name: DialectName, broken: Broken = {}): Resumption | undefined {
  const request = asked(broken.asked);
  const decoder = getDialect(name).createDecoder();
  decoder.onResponse?.({
    url: broken.answeredBy ?? request.url,
    status: 200,
    contentType: 'text/event-stream',
    headers: new Headers(broken.headers),
  });
  for (const each of broken.frames ?? []) decoder.decode(each);
  return decoder.resume?.(request, broken.lastEventId);
}

describe('going on with a broken answer', () => {
  const OFFERED = new Set<DialectName>([
    'ai-sdk-ui',
    'dify',
    'langgraph',
    'mcp',
    'native',
    'openai-responses',
    'plain',
    'replicate',
  ]);

  it('is offered by the dialects that have a way of their own, once something has arrived', () => {
    assert.deepEqual(
      DIALECT_NAMES.filter((name) => getDialect(name).createDecoder().resume),
      [...OFFERED],
    );
    for (const name of DIALECT_NAMES) assert.equal(resume(name), undefined, name);
  });
});

describe('going on with a response of OpenAI', () => {
  const state = (fields: object): Frame =>
    frame({ type: 'response.created', sequence_number: 0, response: { id: 'resp_1', ...fields } });
  const delta = (number: number, text: string): Frame =>
    frame({ type: 'response.output_text.delta', sequence_number: number, output_index: 0, delta: text });

  it('asks for what follows the last number, of a response made in the background', () => {
    assert.deepEqual(
      resume('openai-responses', {
        asked: { url: 'https://example.com/v1/responses/?api-version=2' },
        frames: [state({ background: true }), delta(4, 'a')],
      }),
      {
        url: 'https://example.com/v1/responses/resp_1?api-version=2&stream=true&starting_after=4',
        method: 'GET',
        from: 'cursor',
      },
    );
  });

  it('has no way for other responses', () => {
    for (const fields of [{}, { background: false }]) {
      assert.equal(resume('openai-responses', { frames: [state(fields), delta(1, 'a')] }), undefined);
    }
  });

  it('drops what the stream repeats from before it broke, and only that', () => {
    const decoder = getDialect('openai-responses').createDecoder();
    const before = [state({ background: true }), delta(1, 'a'), delta(1, 'b'), delta(2, 'c')];
    const events = before.flatMap((each) => decoder.decode(each));
    decoder.resume?.(asked(), undefined);
    events.push(...decodeFrames([delta(1, 'b'), delta(2, 'c'), delta(3, 'd'), delta(3, 'e')], decoder));
    assert.equal(readAnswer(events).text, 'abcde');
  });
});

describe('going on with a run of LangGraph', () => {
  const url = 'https://example.com/lg/threads/t%201/runs/stream?assistant=1';
  const metadata = named('metadata', { run_id: 'r1', attempt: 1 });
  const stream = 'https://example.com/lg/threads/t%201/runs/r1/stream?assistant=1';

  it('reads its stream behind the last id', () => {
    const expected = { url: stream, method: 'GET', lastEventId: '7', from: 'cursor' };
    const location = { 'content-location': '/threads/t%201/runs/r1' };
    const request = { asked: { url }, lastEventId: '7' };
    assert.deepEqual(resume('langgraph', { ...request, headers: location }), expected);
    assert.deepEqual(resume('langgraph', { ...request, frames: [metadata] }), expected);
  });

  it('knows a run without a thread', () => {
    const request = { asked: { url: 'https://example.com/runs/stream' }, lastEventId: '7' };
    assert.equal(
      resume('langgraph', { ...request, headers: { 'content-location': '/runs/r1' } })?.url,
      'https://example.com/runs/r1/stream',
    );
    assert.equal(
      resume('langgraph', { ...request, frames: [metadata] })?.url,
      'https://example.com/runs/r1/stream',
    );
    const withThread = named('metadata', { run_id: 'r1', thread_id: 't/1' });
    assert.equal(
      resume('langgraph', { ...request, frames: [withThread] })?.url,
      'https://example.com/threads/t%2F1/runs/r1/stream',
    );
  });

  it('follows the address that an endpoint of another kind gives, relative to the answer', () => {
    const request = { answeredBy: 'https://example.com/b/chat', lastEventId: '7' };
    const urlOf = (location: string): string | undefined =>
      resume('langgraph', { ...request, headers: { 'content-location': location } })?.url;
    assert.equal(urlOf('runs/r1?x=1'), 'https://example.com/b/runs/r1/stream?x=1');
    assert.equal(urlOf('/live/r1/stream'), 'https://example.com/live/r1/stream');
    // The request's headers may hold a key.
    assert.equal(urlOf('https://example.org/runs/r1'), undefined);
    assert.equal(urlOf('http://['), undefined);
  });

  it('reads it again from its start where no id was seen and the server keeps it', () => {
    const resumable = JSON.stringify({ stream_resumable: true });
    assert.deepEqual(resume('langgraph', { asked: { url, body: resumable }, frames: [metadata] }), {
      url: stream,
      method: 'GET',
      lastEventId: '-1',
      from: 'start',
    });
    assert.equal(resume('langgraph', { asked: { url }, frames: [metadata] }), undefined);
  });

  it('has no way where nothing names the run', () => {
    assert.equal(resume('langgraph', { asked: { url }, lastEventId: '7' }), undefined);
    assert.equal(resume('langgraph', { frames: [metadata], lastEventId: '7' }), undefined);
  });
});

describe('going on with other answers', () => {
  it('asks MCP by GET in the same session, where it gave an id', () => {
    const { url } = asked();
    assert.deepEqual(resume('mcp', { lastEventId: '7' }), {
      url,
      method: 'GET',
      lastEventId: '7',
      from: 'cursor',
    });
    const headers = { 'mcp-session-id': 's1' };
    assert.deepEqual(resume('mcp', { lastEventId: '7', headers })?.headers, headers);
    assert.equal(resume('mcp', { headers }), undefined);
  });

  it('reads the stream of Replicate where it is', () => {
    const answeredBy = 'https://example.com/streams/1';
    assert.deepEqual(resume('replicate', { answeredBy, lastEventId: '1:2' }), {
      url: answeredBy,
      method: 'GET',
      lastEventId: '1:2',
      from: 'cursor',
    });
    assert.equal(resume('replicate', { answeredBy }), undefined);
    assert.equal(resume('replicate', { answeredBy: 'https://example.org/1', lastEventId: '1:2' }), undefined);
  });

  it('reads a UI message stream again from its start, by the id of the chat', () => {
    const frames = [frame({ type: 'start' })];
    const expected = {
      url: 'https://example.com/api/chat/conv/stream?key=1',
      method: 'GET',
      from: 'start',
    };
    assert.deepEqual(resume('ai-sdk-ui', { frames }), expected);
    assert.deepEqual(
      resume('ai-sdk-ui', { headers: { 'x-vercel-ai-ui-message-stream': 'v1' }, lastEventId: '7' }),
      expected,
    );
    assert.equal(
      resume('ai-sdk-ui', { frames, asked: { body: '{"id":"a/b"}' } })?.url,
      'https://example.com/api/chat/a%2Fb/stream?key=1',
    );
    assert.equal(resume('ai-sdk-ui', { frames: [frame('a', { framing: 'text' })] }), undefined);
  });

  it('reads the events of a workflow of Dify', () => {
    const frames = [frame({ event: 'workflow_started', task_id: 't', workflow_run_id: 'w1' })];
    const body = '{"user":"u 1"}';
    for (const path of ['chat-messages', 'workflows/run', 'workflows/w/run']) {
      assert.deepEqual(resume('dify', { frames, asked: { url: `https://example.com/v1/${path}`, body } }), {
        url: 'https://example.com/v1/workflow/w1/events?user=u+1',
        method: 'GET',
        from: 'start',
      });
    }
    assert.equal(resume('dify', { frames, asked: { url: 'https://example.com/chat', body } }), undefined);
    const message = frame({ event: 'message', task_id: 't', answer: 'a' });
    const url = 'https://example.com/v1/chat-messages';
    assert.equal(resume('dify', { frames: [message], asked: { url, body } }), undefined);
  });
});

describe('an answer that just ends', () => {
  /** Answers that nothing follows, though they do not say so. */
  const ended: [DialectName, ...(Frame | object)[]][] = [
    ['a2a', { result: { kind: 'message', messageId: 'm', role: 'agent', parts: [{ text: 'a' }] } }],
    ['a2a', { result: { status: { state: 'auth-required' }, taskId: 't' } }],
    ['ag-ui', { type: 'RUN_STARTED', runId: 'r' }, { type: 'RUN_FINISHED' }],
    ['ai-sdk-ui', { type: 'start' }, { type: 'finish' }],
    ['ai-sdk-ui', frame('a', { framing: 'text' })],
    ['anthropic', { type: 'message_delta', delta: { stop_reason: 'end_turn' } }],
    ['coze', named('conversation.chat.completed', { id: 'c', status: 'completed' })],
    ['dify', { event: 'message', task_id: 't', answer: 'a' }, { event: 'message_end', task_id: 't' }],
    ['dify', { event: 'workflow_paused', task_id: 't' }],
    ['gemini', { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] }],
    ['gemini-interactions', { event_type: 'interaction.completed', interaction: { status: 'completed' } }],
    ['langgraph', named('messages', [{ type: 'ai', id: 'm', content: 'a' }, {}])],
    ['langserve', named('data', '"a"')],
    ['n8n', { type: 'begin', metadata: { nodeId: 'n' } }, { type: 'end', metadata: { nodeId: 'n' } }],
    ['openai-assistants', named('thread.run.completed', { id: 'r', status: 'completed' })],
    ['openai-chat', { choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] }],
    ['openai-completions', { choices: [{ text: 'a', finish_reason: 'stop' }] }],
    ['plain', { text: 'a' }],
    ['watsonx', { results: [{ generated_text: 'a', stop_reason: 'eos_token' }] }],
    ['writer-completions', { value: 'a' }],
  ];
  for (const [name, ...list] of ended) {
    const frames = list.map((each) => ('framing' in each ? each : frame(each)));
    it(`is whole: ${name} ${frames.at(-1)?.data}`, () => {
      const decoder = getDialect(name).createDecoder();
      for (const each of frames) decoder.decode(each);
      assert.equal(decoder.endsSilently, true);
      const done = decoder.finish().at(-1);
      assert.ok(done?.type === 'done' && done.complete);
    });
  }

  const open: [DialectName, Frame | object][] = [
    ['a2a', { result: { status: { state: 'working' }, taskId: 't' } }],
    ['ag-ui', { type: 'RUN_STARTED', runId: 'r' }],
    ['ai-sdk-ui', { type: 'text-delta', id: '0', delta: 'a' }],
    ['anthropic', { type: 'message_start', message: { id: 'm' } }],
    ['cohere', { type: 'message-start', id: 'm' }],
    ['coze', named('conversation.message.delta', { type: 'answer', content: 'a' })],
    ['dify', { event: 'message', task_id: 't', answer: 'a' }],
    ['flowise', { event: 'token', data: 'a' }],
    ['gemini', { candidates: [{ content: { parts: [{ text: 'a' }] } }] }],
    ['gemini-interactions', { event_type: 'interaction.created', interaction: { id: 'i' } }],
    ['langgraph', named('messages', '[{"type":"ai"')],
    ['mcp', { jsonrpc: '2.0', method: 'notifications/message' }],
    ['n8n', { type: 'begin', metadata: { nodeId: 'n' } }],
    ['native', { type: 'text', content: 'a' }],
    ['ollama', { model: 'm', message: { content: 'a' }, done: false }],
    ['ollama-generate', { model: 'm', response: 'a', done: false }],
    ['openai-assistants', named('thread.run.created', { id: 'r' })],
    ['openai-chat', { choices: [{ delta: { content: 'a' } }] }],
    ['openai-completions', { choices: [{ text: 'a' }] }],
    ['openai-responses', { type: 'response.output_text.delta', output_index: 0, delta: 'a' }],
    ['replicate', named('output', 'a')],
    ['tgi', { token: { text: 'a' } }],
    ['watsonx', { results: [{ generated_text: 'a' }] }],
    ['writer-completions', frame('{"value":"', { closed: false })],
  ];
  for (const [name, data] of open) {
    const each = 'framing' in data ? data : frame(data);
    const cut = each.data.startsWith('[{') ? { ...each, closed: false } : each;
    it(`stopped short: ${name} ${each.data}`, () => {
      const decoder = getDialect(name).createDecoder();
      decoder.decode(cut);
      assert.equal(decoder.endsSilently ?? false, false);
      const done = decoder.finish().at(-1);
      assert.ok(done?.type === 'done' && !done.complete);
    });
  }

  it('is over when it has reported a failure', () => {
    for (const name of ['openai-chat', 'langgraph', 'dify', 'tgi', 'replicate'] as const) {
      const decoder = getDialect(name).createDecoder();
      decoder.decode(named('error', { event: 'error', task_id: 't', error: 'No.', message: 'No.' }));
      assert.equal(decoder.endsSilently, true, name);
    }
  });

  it('is whole when it goes on after a connection that ended within an event', () => {
    const decoder = getDialect('langgraph').createDecoder();
    const messages = (content: string): Frame =>
      named('messages', [{ type: 'AIMessageChunk', id: 'm', content }, {}]);
    const events = [messages('a'), { ...messages('b'), data: '[{"type":', closed: false }, messages('b')];
    const answer = readAnswer(decodeFrames(events, decoder));
    assert.deepEqual([answer.text, answer.errors.length, answer.done[0]?.complete], ['ab', 0, true]);
  });
});
