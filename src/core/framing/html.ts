import { StreamError } from '../model/index.js';
import type { FrameCutter } from './framing.js';

/** Characters of an HTML page that are looked at for its title. */
const MAX_PAGE_CHARS = 65_536;
const MAX_HEADLINE_CHARS = 200;

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntity(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
}

// Attributes and headings are bounded, so that no page makes the search quadratic.
const TITLE = /<title\b[^>]{0,500}>([^<]{1,500})/i;
const HEADING = /<h[1-6]\b[^>]{0,500}>([\s\S]{1,500}?)<\/h[1-6]/i;

/** The title of an HTML page, else its first heading, as text; undefined where it has neither. */
export function htmlHeadline(page: string): string | undefined {
  for (const pattern of [TITLE, HEADING]) {
    const text = (pattern.exec(page)?.[1] ?? '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,6});/gi, decodeEntity)
      .replaceAll(/\s+/g, ' ')
      .trim();
    if (text !== '') return text.slice(0, MAX_HEADLINE_CHARS);
  }
  return undefined;
}

/** A gateway's or a login page in place of an answer: never a frame, always an error. */
export function createHtmlCutter(): FrameCutter {
  const pieces: string[] = [];
  let length = 0;

  function refuse(): never {
    const headline = htmlHeadline(pieces.join('').slice(0, MAX_PAGE_CHARS));
    throw new StreamError(
      'protocol',
      headline ??
        'The endpoint answered with an HTML page. Check that the address is that of the chat endpoint, and that it needs no login.',
      { origin: { type: 'html' } },
    );
  }

  return {
    push(text) {
      pieces.push(text);
      length += text.length;
      if (length >= MAX_PAGE_CHARS) refuse();
    },
    end: refuse,
  };
}
