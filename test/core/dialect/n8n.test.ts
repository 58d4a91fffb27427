import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { decodeAs, detected, encodeAs, frame, user } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

function chunk(type: string, content?: string, nodeId = 'n1', runIndex = 0): Frame {
  return frame({ type, content, metadata: { nodeId, nodeName: nodeId, runIndex } }, { framing: 'ndjson' });
}

function line(data: string, closed = true): Frame {
  return frame(data, { framing: 'ndjson', closed });
}

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('n8n', ...frames);
}

describe('n8n', () => {
  it('reads one node after the other, each as a step', () => {
    assert.deepEqual(
      decode(
        chunk('begin'),
        chunk('item', 'a'),
        chunk('end'),
        chunk('begin', undefined, 'n2'),
        chunk('item', 'b', 'n2'),
        chunk('end', undefined, 'n2'),
      ),
      [
        { type: 'text', content: 'a' },
        { type: 'step' },
        { type: 'text', content: 'b' },
        { type: 'done', reason: 'stop', complete: true, origin: 'end' },
      ],
    );
  });

  it('is not complete while a node is at work', () => {
    const answer = readAnswer(
      decode(chunk('begin'), chunk('item', 'a'), chunk('begin', undefined, 'n2'), chunk('end')),
    );
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'unknown', complete: false, origin: 'end' }]);
  });

  it('takes lines that are not JSON for text, but not the rest of one that is', () => {
    const answer = readAnswer(decode(chunk('begin'), line('Hello'), chunk('end'), line('Bye', false)));
    assert.deepEqual([answer.text, answer.done[0]?.complete], ['HelloBye', true]);
    const cut = readAnswer(decode(chunk('begin'), chunk('item', 'a'), line('{"type":"it', false)));
    assert.deepEqual([cut.text, cut.errors.length, cut.done[0]?.complete], ['a', 0, false]);
  });

  it('shows the error of a node', () => {
    const answer = readAnswer(decode(chunk('begin'), chunk('error', 'Rate limit')));
    assert.equal(answer.errors[0]?.message, 'Rate limit');
    assert.equal(answer.done[0]?.reason, 'error');
  });

  it('reads answers and errors of workflows that do not stream', () => {
    const whole = (json: unknown): Frame => frame(json, { framing: 'json' });
    assert.equal(readAnswer(decode(whole({ output: 'a' }))).text, 'a');
    assert.equal(readAnswer(decode(whole([{ text: 'a' }]))).text, 'a');
    const failed = readAnswer(decode(whole({ code: 404, message: 'Not registered' })));
    assert.deepEqual([failed.text, failed.errors[0]?.message], ['', 'Not registered']);
  });

  it('counts chunks that it does not know', () => {
    const decoder = getDialect('n8n').createDecoder();
    assert.deepEqual(decoder.decode(chunk('tool-call-start')), []);
    assert.equal(decoder.unknownFrames, 1);
  });

  it('is told by a chunk with its node', () => {
    assert.equal(detected(chunk('begin')), 'n8n');
    assert.equal(detected(frame({ type: 'end' }, { framing: 'ndjson' })), 'plain');
  });

  it('sends what the user says, with the session', () => {
    assert.deepEqual(encodeAs('n8n', [user('Hi')], { body: { metadata: { page: 1 } } }), {
      action: 'sendMessage',
      sessionId: 'conv',
      chatInput: 'Hi',
      metadata: { page: 1 },
    });
    const image = { type: 'file', mediaType: 'image/png', data: 'AAAA', name: 'a.png' } as const;
    assert.deepEqual(encodeAs('n8n', [user([image])])['files'], [
      { fileName: 'a.png', mimeType: 'image/png', data: 'AAAA' },
    ]);
  });
});
