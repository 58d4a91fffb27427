import type { Strings } from '../../core/index.js';
import { plainWords } from './plain-words.js';

/** Characters up to which an answer is read out whole. */
const READ_WHOLE = 500;

/**
 * What a screen reader is told of a finished answer, as plain text: the whole of a short one, else its first
 * sentence and its length.
 */
export function announcement(markdown: string, language: string, strings: Strings): string {
  const text = plainWords(markdown);
  if (text.length <= READ_WHOLE) return strings.answerDone(text, 0);
  const [first] = segmenter(language).segment(text);
  return strings.answerDone(first?.segment.trim().slice(0, READ_WHOLE) ?? '', text.split(' ').length);
}

/** A page's `lang` may be no language at all. */
function segmenter(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language || undefined, { granularity: 'sentence' });
  } catch {
    return new Intl.Segmenter(undefined, { granularity: 'sentence' });
  }
}
