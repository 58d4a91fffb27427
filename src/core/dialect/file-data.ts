import type { FilePart } from '../model/index.js';

/** A file that came with its bytes. */
export interface FileData {
  readonly mediaType: string;
  readonly base64: string;
}

const DATA_URL = /^data:([^,;]*)([^,]*),(.*)$/s;

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

/** The bytes of a file that carries them, in `data` or in a `data:` URL; undefined where it only has an address. */
export function readFileData({ data, url, mediaType }: FilePart): FileData | undefined {
  if (data !== undefined) return { mediaType, base64: data };
  const [, type, parameters = '', content = ''] = DATA_URL.exec(url ?? '') ?? [];
  if (type === undefined) return undefined;
  const base64 = parameters.endsWith(';base64') ? content : toBase64(decodeURIComponent(content));
  return { mediaType: mediaType || type || 'text/plain', base64 };
}

/** The address of a file: that of its own, or a `data:` URL in base64, which is the only kind that endpoints read. */
export function fileAddress(part: FilePart): string {
  const file = readFileData(part);
  return file ? `data:${file.mediaType};base64,${file.base64}` : (part.url ?? '');
}

/** The address of a file, or a `data:` URL of its bytes where it has none. */
export function fileUrl({ url, data, mediaType }: FilePart): string {
  return url ?? `data:${mediaType};base64,${data ?? ''}`;
}

/** What kind of thing a file is, as many endpoints call it. */
export function fileKind({ mediaType }: FilePart): string {
  return /^(?:image|audio|video)(?=\/)/.exec(mediaType)?.[0] ?? 'document';
}

const TEXT_TYPE = /^text\/|[/+](?:json|xml|yaml|javascript|csv)\b/i;

/** The text of a file that carries its bytes and is text; undefined for all others. */
export function readFileText(part: FilePart): string | undefined {
  const file = readFileData(part);
  if (!file || !TEXT_TYPE.test(file.mediaType)) return undefined;
  const bytes = Uint8Array.from(atob(file.base64), (byte) => byte.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
