import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createDialectDecoder,
  type DialectName,
  type Frame,
  type StreamEvent,
} from '../../../src/core/index.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

function frame(data: unknown, more: Partial<Frame> = {}): Frame {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { framing: 'sse', event: '', data: text, id: '', closed: true, ...more };
}

function detect(...frames: (Frame | object | string)[]): { names: DialectName[]; events: StreamEvent[] } {
  const names: DialectName[] = [];
  const decoder = createDialectDecoder('auto', (name) => names.push(name));
  const list = frames.map((each) => (typeof each === 'object' && 'framing' in each ? each : frame(each)));
  return { events: decodeFrames(list as Frame[], decoder), names };
}

const chunk = (content: string, finish: string | null = null): object => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});

describe('detecting the dialect', () => {
  const cases: [string, DialectName, (Frame | object | string)[]][] = [
    ['choices', 'openai-chat', [chunk('a')]],
    ['empty choices', 'openai-chat', [{ choices: [], prompt_filter_results: [] }]],
    ['the object of a chunk', 'openai-chat', [{ object: 'chat.completion.chunk' }]],
    ['a start with a stream id', 'native', [{ type: 'start', streamId: 's' }]],
    ['reasoning', 'native', [{ type: 'reasoning', content: 'a' }]],
    ['a tool call', 'native', [{ type: 'tool_call', id: 'c', name: 'f', args: {} }]],
    ['a snapshot', 'native', [{ type: 'text_set', content: 'a' }]],
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

  it('is skipped when the dialect is named', () => {
    const decoder = createDialectDecoder('openai-chat', () => assert.fail('told of a detection'));
    assert.deepEqual(decoder.decode(frame({ text: 'a' })), []);
  });
});
