const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  svg: 'image/svg+xml',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  webm: 'video/webm',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  json: 'application/json',
  html: 'text/html',
};

const KINDS: Readonly<Record<string, string>> = { image: 'image/*', audio: 'audio/*', video: 'video/*' };

/**
 * The media type of a file that came without one: by the ending of its name, else by what kind of thing the endpoint
 * calls it ("image"), else `application/octet-stream`.
 */
export function guessMediaType(name: string, kind = ''): string {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = TYPES[ending];
  const general = KINDS[kind];
  if (type === undefined) return general ?? 'application/octet-stream';
  return general === undefined || type.startsWith(`${kind}/`) ? type : general;
}
