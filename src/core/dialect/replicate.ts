import type { StreamEvent } from '../model/index.js';
import { parseJson, present, recordOf, textOf } from '../model/json.js';
import { addressOf } from './asked-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { reportedError } from './errors.js';
import { encodePrompt } from './prompt.js';

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)[;,]\S*$/;

function createReplicateDecoder(): Decoder {
  const seenErrors = new Set<string>();
  let unknownFrames = 0;
  let ended = false;
  /** Of the stream: where the request was sent on to. */
  let address = '';

  function output(data: string): StreamEvent[] {
    if (data === '') return [];
    const mediaType = DATA_URL.exec(data)?.[1];
    return [mediaType ? { type: 'file', url: data, mediaType } : { type: 'text', content: data }];
  }

  function fail(data: string): StreamEvent[] {
    const event = reportedError(parseJson(data) ?? data);
    if (seenErrors.has(event.message)) return [];
    seenErrors.add(event.message);
    return [event];
  }

  function end(data: string): StreamEvent[] {
    ended = true;
    const json = parseJson(data);
    const origin = textOf(recordOf(json)['reason']) ?? 'done';
    const reason = seenErrors.size > 0 ? 'error' : doneReason(origin);
    return [{ type: 'done', reason, complete: true, origin }];
  }

  return {
    get unknownFrames() {
      return unknownFrames;
    },
    get endsSilently() {
      return seenErrors.size > 0;
    },
    onResponse(response) {
      address = response.url;
    },
    resume(asked, lastEventId) {
      const url = addressOf(asked, address || asked.url, asked.url);
      if (!url || lastEventId === undefined) return undefined;
      return { url: url.href, method: 'GET', lastEventId, from: 'cursor' };
    },
    decode({ event, data, closed }) {
      if (ended) return [];
      switch (event) {
        case 'output':
          return output(data);
        case 'logs':
          return [];
        case 'error':
          return closed ? fail(data) : [];
        case 'done':
          return end(data);
      }
      unknownFrames += 1;
      return [];
    },
    finish() {
      if (ended) return [];
      ended = true;
      return [{ type: 'done', reason: seenErrors.size > 0 ? 'error' : 'unknown', complete: false }];
    },
  };
}

/**
 * The stream of a prediction at Replicate: raw text, in which spaces and line breaks count. The request is the one that
 * makes a prediction; the stream is at the `urls.stream` of its answer, so a page needs an endpoint of its own in front
 * that follows it.
 */
export const replicateDialect: Dialect = {
  name: 'replicate',
  createDecoder: createReplicateDecoder,
  encode(input) {
    const { system, body } = input;
    const { text } = encodePrompt({ ...input, system: undefined });
    return {
      input: present({ prompt: text, system_prompt: textOf(system) }),
      stream: true,
      ...body,
    };
  },
};
