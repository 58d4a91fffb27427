import { existsSync, readFileSync } from 'node:fs';
import { reduceMessage } from '../../src/core/conversation/reduce-message.js';
import { createDialectDecoder, type DialectName, type Message } from '../../src/core/index.js';
import type { Recording } from './recordings.js';
import { decodeFrames, frameBytes } from './wire.js';

const folder = new URL('../../../shared/streams/', import.meta.url);

function readManifest(): Recording[] {
  const file = new URL('manifest.json', folder);
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as { streams: Recording[] }).streams;
}

const recordings = readManifest();

/** A recorded answer as the message that it becomes. */
export interface RecordedAnswer {
  readonly file: string;
  readonly message: Message;
}

/** All recorded answers of a dialect; none where the recordings are not there. */
export function recordedAnswers(name: DialectName): RecordedAnswer[] {
  return recordings
    .filter(({ dialect, http }) => dialect === name && http.status < 400)
    .map(({ file, http }) => {
      const bytes = readFileSync(new URL(file, folder));
      const frames = frameBytes([bytes], { contentType: http.contentType });
      const empty: Message = { id: 'answer', role: 'assistant', parts: [], status: 'streaming' };
      return {
        file,
        message: decodeFrames(frames, createDialectDecoder('auto')).reduce(reduceMessage, empty),
      };
    });
}
