import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createDialectDecoder,
  DIALECT_NAMES,
  getDialect,
  type DialectName,
  type Frame,
  type StreamEvent,
} from '../../../src/core/index.js';
import { asked, frame } from '../../support/dialect.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

function detect(...frames: (Frame | object | string)[]): { names: DialectName[]; events: StreamEvent[] } {
  const names: DialectName[] = [];
  const decoder = createDialectDecoder('auto', (name) => names.push(name));
  const list = frames.map((each) => (typeof each === 'object' && 'framing' in each ? each : frame(each)));
  return { events: decodeFrames(list as Frame[], decoder), names };
}

const chunk = (content: string, finish: string | null = null): object => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});

describe('the dialects', () => {
  it('are found by the names that they have', () => {
    assert.deepEqual(
      DIALECT_NAMES.map((name) => getDialect(name).name),
      DIALECT_NAMES,
    );
  });

  it('are listed in alphabetical order', () => {
    assert.deepEqual(DIALECT_NAMES, DIALECT_NAMES.toSorted());
  });
});

describe('detecting the dialect', () => {
  const cases: [string, DialectName, (Frame | object | string)[]][] = [
    ['the start of a message', 'anthropic', [{ type: 'message_start', message: {} }]],
    ['a delta of a content block', 'anthropic', [{ type: 'content_block_delta', index: 3, delta: {} }]],
    ['a whole message', 'anthropic', [{ type: 'message', content: [], stop_reason: 'end_turn' }]],
    ['hyphens in the start of a message', 'cohere', [{ type: 'message-start', id: 'm' }]],
    ['a plan for tools', 'cohere', [{ type: 'tool-plan-delta', delta: {} }]],
    ['a whole chat answer', 'cohere', [{ message: { role: 'assistant' }, finish_reason: 'COMPLETE' }]],
    ['candidates', 'gemini', [{ candidates: [] }]],
    ['a blocked prompt', 'gemini', [{ promptFeedback: { blockReason: 'SAFETY' } }]],
    ['a step', 'gemini-interactions', [{ event_type: 'step.delta', index: 0, delta: {} }]],
    ['a chat line of Ollama', 'ollama', [{ model: 'm', message: {}, done: false }]],
    ['a completion line of Ollama', 'ollama-generate', [{ model: 'm', response: 'a', done: false }]],
    ['choices', 'openai-chat', [chunk('a')]],
    ['empty choices', 'openai-chat', [{ choices: [], prompt_filter_results: [] }]],
    ['the object of a chunk', 'openai-chat', [{ object: 'chat.completion.chunk' }]],
    ['the state of a response', 'openai-responses', [{ type: 'response.queued', response: {} }]],
    ['a resumed response', 'openai-responses', [{ type: 'response.output_text.delta', delta: 'a' }]],
    ['a response without a stream', 'openai-responses', [{ object: 'response', output: [] }]],
    ['choices with text', 'openai-completions', [{ choices: [{ text: 'a', index: 0 }] }]],
    ['choices with text beside a delta', 'openai-chat', [{ choices: [{ text: 'a', delta: {} }] }]],
    ['an event about a thread', 'openai-assistants', [frame({ id: 'run' }, { event: 'thread.run.created' })]],
    ['a token with its text', 'tgi', [{ index: 1, token: { id: 1, text: 'a' } }]],
    ['results with generated text', 'watsonx', [{ results: [{ generated_text: '' }] }]],
    ['raw output with an id', 'replicate', [frame('a', { event: 'output', id: '1:0' })]],
    ['a value alone', 'writer-completions', [{ value: 'a' }]],
    ['a value beside others', 'plain', [{ value: 'a', index: 0 }]],
    ['a run of an agent', 'ag-ui', [{ type: 'RUN_STARTED', thread_id: 't', run_id: 'r' }]],
    ['a custom event', 'ag-ui', [{ type: 'CUSTOM', name: 'a', value: 1 }]],
    ['a start with a message id', 'ai-sdk-ui', [{ type: 'start', messageId: 'm' }]],
    ['a step', 'ai-sdk-ui', [{ type: 'start-step' }]],
    ['a piece of a part with an id', 'ai-sdk-ui', [{ type: 'text-delta', id: '0', delta: 'a' }]],
    ['a data part', 'ai-sdk-ui', [{ type: 'data-status', data: {} }]],
    ['an error text', 'ai-sdk-ui', [{ type: 'error', errorText: 'No.' }]],
    ['a start with a stream id', 'native', [{ type: 'start', streamId: 's' }]],
    ['reasoning', 'native', [{ type: 'reasoning', content: 'a' }]],
    ['a tool call', 'native', [{ type: 'tool_call', id: 'c', name: 'f', args: {} }]],
    ['a snapshot', 'native', [{ type: 'text_set', content: 'a' }]],
    ['a numbered start', 'plain', [{ type: 'start', messageId: 'm', seq: 0 }]],
    ['a piece of text without an id', 'plain', [{ type: 'text-delta', delta: 'a' }]],
    ['a finish with a reason', 'plain', [{ text: 'a' }, { type: 'finish', finishReason: 'stop' }]],
    ['text with a type', 'plain', [{ type: 'text', content: 'a' }]],
    ['a JSON string', 'plain', ['"a"']],
    ['raw text', 'plain', ['a', chunk('b')]],
    ['an answer without frames', 'plain', [frame('{"a"', { framing: 'text' })]],
  ];
  for (const [what, name, frames] of cases) {
    it(`takes ${what} for ${name}`, () => {
      assert.deepEqual(detect(...frames).names, [name]);
    });
  }

  it('shows an error that comes first at once, and lets the next event correct the name', () => {
    const { names, events } = detect({ error: { message: 'Slow down' } }, chunk('a'));
    assert.deepEqual(names, ['plain', 'openai-chat']);
    const answer = readAnswer(events);
    assert.deepEqual([answer.errors.length, answer.text], [1, 'a']);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('keeps the text of a first impression and does not repeat it', () => {
    const { names, events } = detect({ type: 'text', content: 'a' }, { type: 'reasoning', content: 'b' });
    assert.deepEqual(names, ['plain', 'native']);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['text', 'reasoning', 'done'],
    );
  });

  it('ends once when what was shown already is the end to the dialect that it turns out to be', () => {
    const failed = { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'No.' } };
    const { names, events } = detect(failed, { jsonrpc: '2.0', method: 'notifications/message' });
    assert.deepEqual(names, ['plain', 'mcp']);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['error', 'done'],
    );
  });

  it('counts a replay over the change of a first impression', () => {
    const { events } = detect(
      { type: 'text', seq: 1, content: 'a' },
      { type: 'step', seq: 2 },
      { type: 'text', seq: 1, content: 'a' },
      { type: 'text', seq: 3, content: 'b' },
    );
    assert.equal(readAnswer(events).text, 'ab');
  });

  it('passes over heartbeats, however many', () => {
    const pings = Array.from({ length: 30 }, () => frame('', { event: 'ping' }));
    assert.equal(detect(...pings, chunk('a', 'stop')).names.at(-1), 'openai-chat');
  });

  it('settles for plain after a dozen events of plain shape', () => {
    const words = Array.from({ length: 12 }, () => ({ text: 'a' }));
    const { names, events } = detect(...words, chunk('b'));
    assert.deepEqual(names, ['plain']);
    assert.equal(readAnswer(events).text, 'a'.repeat(12));
  });

  it('ends once, also when an event follows that belongs to another dialect', () => {
    const { events } = detect({ type: 'done' }, chunk('a', 'stop'), '[DONE]');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['done'],
    );
  });

  it('lets a bare start be overruled by what follows', () => {
    assert.deepEqual(detect({ type: 'start' }, { type: 'start-step' }).names, ['plain', 'ai-sdk-ui']);
    assert.deepEqual(detect({ type: 'start' }, { type: 'token', content: 'a' }).names, ['plain']);
  });

  it('believes the head of an event stream, and not that of other answers', () => {
    const names: DialectName[] = [];
    const response = {
      url: 'https://example.com/chat',
      status: 200,
      contentType: 'text/event-stream',
      headers: new Headers({ 'x-vercel-ai-ui-message-stream': 'v1' }),
    };
    for (const first of [frame({ type: 'finish' }), frame('a', { framing: 'text' })]) {
      const decoder = createDialectDecoder('auto', (name) => names.push(name));
      decoder.onResponse?.(response);
      decodeFrames([first], decoder);
    }
    assert.deepEqual(names, ['ai-sdk-ui', 'plain']);
  });

  it('holds an event that may belong to several only so long', () => {
    const metadata = frame({ run_id: 'r' }, { event: 'metadata' });
    const { names, events } = detect(...Array.from({ length: 12 }, () => metadata), chunk('a'));
    assert.deepEqual(names, []);
    assert.equal(readAnswer(events).text, '');
  });

  it('goes on, ends and gives up as the dialect does that it has found', () => {
    const decoder = createDialectDecoder('auto');
    const text = (seq: number): Frame => frame({ type: 'text', content: String(seq), seq });
    assert.equal(decoder.endsSilently, true);
    decoder.decode(frame({ type: 'text', content: '1' }));
    assert.deepEqual([decoder.endsSilently, decoder.resume?.(asked(), undefined)], [true, undefined]);
    decoder.decode(frame({ type: 'step', seq: 2 }));
    assert.equal(decoder.endsSilently, false);
    assert.equal(decoder.resume?.(asked(), undefined)?.lastEventId, '2');
    for (let seq = 4; seq <= 20; seq += 1) decoder.decode(text(seq));
    assert.equal(decoder.lacksEvents, true);
    assert.deepEqual(
      decoder.giveUp?.().map(({ type }) => type),
      ['error', ...Array.from({ length: 17 }, () => 'text')],
    );
    assert.equal(decoder.lacksEvents, false);
  });

  it('takes text with a "seq" for native', () => {
    assert.equal(detect({ type: 'text', content: 'a', seq: 1 }).names.at(-1), 'native');
    assert.equal(detect({ type: 'token', content: 'a', seq: 1 }).names.at(-1), 'plain');
  });

  it('shows nothing twice that was shown behind a gap before numbers were known to count', () => {
    const events = [
      { type: 'text', seq: 1, content: '1' },
      { type: 'text', seq: 3, content: '3' },
      { type: 'step', seq: 4 },
      { type: 'text', seq: 5, content: '5' },
    ];
    const answer = readAnswer(detect(...events).events);
    assert.deepEqual([answer.text, answer.errors.length, answer.done[0]?.complete], ['135', 1, false]);
  });

  it('tells every dialect the head of the answer', () => {
    const decoder = createDialectDecoder('auto');
    decoder.onResponse?.({
      url: 'https://example.com/mcp',
      status: 200,
      contentType: 'text/event-stream',
      headers: new Headers({ 'mcp-session-id': 's1' }),
    });
    decoder.decode(frame({ jsonrpc: '2.0', method: 'notifications/message' }));
    assert.deepEqual(decoder.resume?.(asked(), '7')?.headers, { 'mcp-session-id': 's1' });
  });

  it('is skipped when the dialect is named', () => {
    const decoder = createDialectDecoder('openai-chat', () => assert.fail('told of a detection'));
    assert.deepEqual(decoder.decode(frame({ text: 'a' })), []);
  });
});
