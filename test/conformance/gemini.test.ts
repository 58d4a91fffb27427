// What the recorded Gemini streams must give beside their manifest: the same answer without `alt=sse`, as one array
// that grows, and every signature back in the next request.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { reduceMessage } from '../../src/core/conversation/reduce-message.js';
import { createDialectDecoder, getDialect, type Message, type StreamEvent } from '../../src/core/index.js';
import { atRandomPlaces, byteByByte, decodeFrames, frameBytes, readAnswer, whole } from '../support/wire.js';
import { readSeed } from '../support/random.js';

const folder = new URL('../../../shared/streams/gemini/', import.meta.url);
const files = existsSync(folder) ? readdirSync(folder) : [];
if (files.length === 0) console.log('Skipped: the recorded Gemini streams, ../shared/streams is not there.');

const seed = readSeed();

function decode(pieces: Uint8Array[], contentType: string): StreamEvent[] {
  return decodeFrames(frameBytes(pieces, { contentType }), createDialectDecoder('auto'));
}

/** An answer without the ids that are made up anew each time. */
function withoutIds(events: StreamEvent[]): object {
  const { calls, toolCalls, serverTools, toolResults, ...rest } = readAnswer(events);
  return {
    ...rest,
    calls: calls.map(({ name, args }) => ({ name, args })),
    toolCalls: toolCalls.map(({ name, args }) => ({ name, args })),
    toolResults: toolResults.map(({ result, isError }) => ({ result, isError })),
    serverTools: serverTools.map(({ type }) => type),
  };
}

for (const file of files) {
  const bytes = readFileSync(new URL(file, folder));
  const chunks = [...bytes.toString().matchAll(/^data: (.*?)\r?$/gm)].map((match) => match[1] ?? '');
  // What stands outside of every field is no chunk, and no part of an array.
  if (chunks.length === 0 || /^[{[]/m.test(bytes.toString())) continue;

  describe(file, () => {
    it('says the same as an array that grows', () => {
      const expected = withoutIds(decode([bytes], 'text/event-stream'));
      const array = new TextEncoder().encode(`[${chunks.join('\r\n,\r\n')}\r\n]\r\n`);
      for (const split of [whole, byteByByte, atRandomPlaces(50, seed)]) {
        assert.deepEqual(withoutIds(decode(split(array), 'application/json')), expected);
      }
    });

    it('gets its signatures back', () => {
      const empty: Message = { id: 'm', role: 'assistant', parts: [], status: 'streaming' };
      const message = decode([bytes], 'text/event-stream').reduce(reduceMessage, empty);
      const body = getDialect('gemini').encode({ conversationId: 'c', messages: [message], tools: [] });
      const signatures = (text: string): unknown[] =>
        [...text.matchAll(/"thoughtSignature": ?"([^"]+)"/g)].map((match) => match[1]);
      assert.deepEqual(signatures(JSON.stringify(body)), signatures(chunks.join('\n')));
    });
  });
}
