import { StreamError, type Framing } from '../model/index.js';
import { isRecord, parseJson } from '../model/json.js';
import { frameTooLong } from './framing.js';
import { createJsonScanner, type JsonScanner } from './json.js';

/** What an answer can turn out to be. */
export type Sniffed = Framing | 'html';

/** Looks at the first characters of an answer until they tell how it is framed, and keeps them until then. */
export interface Sniffer {
  /** @throws {StreamError} `protocol` or `limit` */
  push(text: string): Sniffed | undefined;
  /** The answer has ended and must be something. @throws {StreamError} `protocol` */
  end(): Sniffed;
  /** All text so far; the sniffer is used up. */
  take(): string;
}

const BLANKS = /^[ \t\r\n]+/;
const HTML_LEADS = ['<!doctype', '<html'];
/** Other openings of a page, which need a `text/html` beside them: an answer may start with a tag, too. */
const PAGE_LEADS = ['<!--', '<?xml', '<head', '<body', '<title', '<meta', '<center', '<h1'];
/** A field, a comment, or the line "message" that Flowise writes. */
const SSE_LEADS = [
  ':',
  'data:',
  'event:',
  'id:',
  'retry:',
  'message:\n',
  'message:\r',
  'message\n',
  'message\r',
];
/** As long as one of these may still come, the text says nothing. */
const LEADS = [...HTML_LEADS, ...PAGE_LEADS, ...SSE_LEADS];
/** The first two tokens of a JSON object or array. Text that begins with a bracket rarely gets past them. */
const JSON_LEAD = /^(?:\{[ \t\r\n]*["}]|\[[ \t\r\n]*(?:[[{"\]\d-]|tr|fa|nu))/;
/** An array whose first element is an object. */
const ARRAY_OF_OBJECTS = /^\[[ \t\r\n]*\{/;
/** The beginning of such tokens. */
const OPEN_JSON_LEAD = /^(?:\{[ \t\r\n]*|\[[ \t\r\n]*[tfn]?)$/;
/** Blanks between the two tokens are waited for no longer than this. */
const MAX_LEAD_CHARS = 1024;

interface Hints {
  readonly eventStream: boolean;
  readonly html: boolean;
  readonly json: boolean;
  readonly jsonLines: boolean;
  readonly plainText: boolean;
}

function readContentType(contentType: string): Hints {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const jsonLines = /[/+.-](?:x-)?(?:ndjson|jsonl|jsonlines|json-lines)$/.test(type);
  return {
    eventStream: type === 'text/event-stream',
    html: type === 'text/html' || type === 'application/xhtml+xml',
    json: !jsonLines && /[/+]json$/.test(type),
    jsonLines,
    plainText: type === 'text/plain',
  };
}

/** Finds out by the first non-blank characters how an answer is framed; `contentType` only breaks ties. */
export function createSniffer(contentType: string, maxChars: number): Sniffer {
  const hints = readContentType(contentType);
  const held: string[] = [];
  let heldLength = 0;
  let blankLength = 0;
  let lead = '';
  // Set once the lead is that of JSON: from then on the first value and what follows it decide.
  let scanner: JsonScanner | undefined;
  let value: string | undefined;
  // The first object of an array: whole, it tells without waiting for the end of an array that grows.
  let element: { readonly start: number; readonly scanner: JsonScanner } | undefined;
  let lineEnded = false;

  function unknownLead(): Framing {
    return hints.eventStream ? 'sse' : 'text';
  }

  function notJson(): Framing {
    if (!hints.json) return unknownLead();
    throw new StreamError(
      'protocol',
      'The endpoint says that it sends JSON, and what it sent is not JSON. Look at its answer in the network panel.',
    );
  }

  function readLead(): Sniffed | 'json-lead' | undefined {
    const lower = lead.toLowerCase();
    const isLead = (known: string): boolean => lower.startsWith(known);
    if (HTML_LEADS.some(isLead) || (hints.html && PAGE_LEADS.some(isLead))) return 'html';
    if (SSE_LEADS.some((known) => lead.startsWith(known))) return 'sse';
    if (JSON_LEAD.test(lead)) return 'json-lead';
    if (lead.startsWith('"') && (hints.json || hints.jsonLines)) return 'json-lead';
    if (/^[{[]/.test(lead)) {
      return OPEN_JSON_LEAD.test(lead) && lead.length < MAX_LEAD_CHARS ? undefined : notJson();
    }
    return LEADS.some((known) => known.startsWith(lower)) ? undefined : unknownLead();
  }

  /** Whether the first element is a whole object. `fresh` as in `readJson`. */
  function isGrowingArray(fresh: string): boolean {
    if (!element) return false;
    const { start, scanner: scan } = element;
    scan.push(fresh);
    if (scan.end === -1) return false;
    element = undefined;
    const from = blankLength + start;
    return isRecord(parseJson(held.join('').slice(from, from + scan.end)));
  }

  /** Reads `fresh`, what has arrived behind the last call. */
  function readJson(fresh: string, scan: JsonScanner): Framing | undefined {
    let tail = fresh;
    if (value === undefined) {
      scan.push(fresh);
      if (scan.end === -1) return undefined;
      const all = held.join('').slice(blankLength);
      value = all.slice(0, scan.end);
      tail = all.slice(scan.end);
    }
    const blanks = BLANKS.exec(tail)?.[0] ?? '';
    const more = blanks.length < tail.length;
    lineEnded ||= blanks.includes('\n');
    if (lineEnded && !value.includes('\n')) {
      const object = parseJson(value);
      if (isRecord(object) && (more || Object.hasOwn(object, 'done'))) return 'ndjson';
    }
    return more ? notJson() : undefined;
  }

  function read(text: string): Sniffed | undefined {
    if (scanner) return isGrowingArray(text) ? 'json' : readJson(text, scanner);
    const fresh = lead === '' ? text.replace(BLANKS, '') : text;
    if (lead === '') blankLength += text.length - fresh.length;
    lead += fresh;
    if (lead === '') return undefined;
    const kind = readLead();
    if (kind !== 'json-lead') return kind;
    if (hints.jsonLines) return 'ndjson';
    scanner = createJsonScanner();
    // Text that begins like such an array is rare, but it exists: plain text is read to the end of the value.
    if (!hints.plainText && ARRAY_OF_OBJECTS.test(lead)) {
      const start = lead.indexOf('{');
      element = { start, scanner: createJsonScanner() };
      if (isGrowingArray(lead.slice(start))) return 'json';
    }
    return readJson(lead, scanner);
  }

  return {
    push(text) {
      held.push(text);
      heldLength += text.length;
      const kind = read(text);
      if (kind === undefined && heldLength > maxChars) throw frameTooLong(maxChars);
      return kind;
    },
    end() {
      // Nothing but blanks: an event stream that said nothing.
      if (lead === '') return 'sse';
      if (scanner) return value === undefined || parseJson(value) !== undefined ? 'json' : notJson();
      return /^[{[]/.test(lead) ? 'json' : unknownLead();
    },
    take() {
      const text = held.join('');
      held.length = 0;
      return text;
    },
  };
}
