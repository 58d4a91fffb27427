/** Endings of files, by the kind of thing that is in them. */
const ENDINGS: Readonly<Record<string, string>> = {
  image: 'png jpg jpeg gif webp avif svg',
  audio: 'mp3 wav ogg',
  video: 'mp4 webm',
  text: 'txt md csv html',
  application: 'pdf json',
};

/** The names of types that are not called like the ending. */
const NAMES: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  svg: 'svg+xml',
  mp3: 'mpeg',
  txt: 'plain',
  md: 'markdown',
};

function typeOf(ending: string): string | undefined {
  const kind = Object.keys(ENDINGS).find((each) => ENDINGS[each]?.split(' ').includes(ending));
  return kind && `${kind}/${NAMES[ending] ?? ending}`;
}

/**
 * The media type of a file that came without one: by the ending of its name, else by what kind of thing the endpoint
 * calls it ("image", "png"), else `application/octet-stream`.
 */
export function guessMediaType(name: string, kind = ''): string {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = typeOf(ending) ?? typeOf(kind);
  const general = /^(?:image|audio|video)$/.test(kind) ? `${kind}/*` : undefined;
  if (type === undefined) return general ?? 'application/octet-stream';
  return general === undefined || type.startsWith(`${kind}/`) ? type : general;
}
