// Recorded streams that break: what a resumed stream brings, in recordings of one or in the rest of the stream itself,
// completes the answer and repeats nothing of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createDialectDecoder, type Frame, type StreamEvent } from '../../src/core/index.js';
import { asked } from '../support/dialect.js';
import type { Recording } from '../support/recordings.js';
import { decodeFrames, frameBytes, readAnswer, type Answer } from '../support/wire.js';

const shared = new URL('../../../shared/streams/', import.meta.url);
const manifestFile = new URL('manifest.json', shared);
const streams: Recording[] = existsSync(manifestFile)
  ? (JSON.parse(readFileSync(manifestFile, 'utf8')) as { streams: Recording[] }).streams
  : [];
if (streams.length === 0) console.log('Skipped: all resumed streams, ../shared/streams is not there.');

const RESPONSE = 'openai-responses/openai--background-resumed-starting-after.sse';
const RUN = 'langgraph/python-style--messages-tuple-crlf-heartbeat.sse';
const RESUMED_RUN = 'langgraph/js-server--resumed-with-last-event-id.sse';

function framesOf(file: string): Frame[] {
  return [...frameBytes([readFileSync(new URL(file, shared))])];
}

function check(answer: Answer, file: string): void {
  const expected = streams.find((stream) => stream.file === file)?.expect.text.sha256;
  assert.equal(createHash('sha256').update(answer.text).digest('hex'), expected);
  assert.deepEqual(answer.errors, []);
  assert.deepEqual(
    answer.done.map(({ complete }) => complete),
    [true],
  );
}

describe('recorded streams that break', { skip: streams.length === 0 }, () => {
  it('are read on by number, wherever a response breaks, and whatever of it comes again', () => {
    const frames = framesOf(RESPONSE);
    for (let cut = 1; cut < frames.length; cut += 1) {
      for (const again of [0, 1, cut]) {
        const decoder = createDialectDecoder('auto');
        const before = frames.slice(0, cut).flatMap((frame) => decoder.decode(frame));
        const resumption = decoder.resume?.(asked({ url: 'https://example.com/v1/responses' }), undefined);
        assert.equal(resumption?.from, 'cursor');
        // The numbers of this recording count from 1.
        assert.equal(new URL(resumption.url).searchParams.get('starting_after'), String(cut));
        check(readAnswer([...before, ...decodeFrames(frames.slice(cut - again), decoder)]), RESPONSE);
      }
    }
  });

  it('are read on by event id, as a server of LangGraph gives the rest', () => {
    const rest = framesOf(RESUMED_RUN);
    const frames = framesOf(RUN);
    const cut = frames.findIndex(({ id }) => id === rest[0]?.id);
    assert.ok(cut > 0);
    const decoder = createDialectDecoder('auto');
    const before = frames.slice(0, cut).flatMap((frame) => decoder.decode(frame));
    const url = 'https://example.com/threads/t/runs/stream';
    const resumption = decoder.resume?.(asked({ url }), frames[cut - 1]?.id);
    assert.equal(resumption?.lastEventId, '19');
    assert.match(resumption.url, /\/threads\/t\/runs\/[\w-]+\/stream$/);
    check(readAnswer([...before, ...decodeFrames(rest, decoder)]), RUN);
  });

  it('are read on where they stopped, wherever that is, in the dialects with event ids', () => {
    const files = streams
      .filter(({ dialect }) => dialect === 'replicate' || dialect === 'langgraph')
      .map(({ file }) => file);
    for (const file of files) {
      const frames = framesOf(file);
      const { text } = readAnswer(decodeFrames(frames, createDialectDecoder('auto')));
      for (let cut = 1; cut < frames.length; cut += Math.ceil(frames.length / 20)) {
        const decoder = createDialectDecoder('auto');
        const events: StreamEvent[] = frames.slice(0, cut).flatMap((frame) => decoder.decode(frame));
        decoder.resume?.(asked(), frames[cut - 1]?.id || undefined);
        const answer = readAnswer([...events, ...decodeFrames(frames.slice(cut), decoder)]);
        assert.equal(answer.text, text, `${file} at ${cut}`);
        assert.equal(answer.done.length, 1);
      }
    }
  });
});
