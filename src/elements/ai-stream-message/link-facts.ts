import type { Strings } from '../../core/index.js';

/** As much of a link's text as is searched for the name of a site, in UTF-16 units. */
const MAX_TEXT = 2048;

/** What reads as the name of a site. Text may hold the dots that a URL parser takes for `.` (UTS #46). */
const SITE = /(?:[\p{L}\p{N}_-]+[.\u3002])+(?:xn--[a-z\d-]+|\p{L}{2,})(?![\p{L}\p{N}])/giu;

/** Names of files that look like sites. None of these is a top-level domain. */
const FILE =
  /\.(?:c?js|mjs|tsx?|jsx|json|html?|s?css|txt|pdf|png|jpe?g|gif|svg|webp|xml|ya?ml|toml|csv|exe|dll|cpp|php|java|log|ini|vue|go|rb|docx?|xlsx?|pptx?)$/i;

/** The name of the site a link leads to, as the URL parser has it; of mail, who it goes to. */
export function siteOf({ protocol, hostname, pathname }: URL): string {
  return protocol === 'mailto:' ? pathname : hostname;
}

function withoutWww(host: string): string {
  return host.replace(/^www\./, '');
}

/** The first site that a text names and that is not the one a link leads to. */
function otherSite(url: URL, text: string): string | undefined {
  const site = withoutWww(siteOf(url).split('@').at(-1) ?? '');
  const readable = text
    .slice(0, MAX_TEXT)
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '');
  for (const [written] of readable.matchAll(SITE)) {
    if (FILE.test(written) || !URL.canParse(`https://${written}`)) continue;
    const named = withoutWww(new URL(`https://${written}`).hostname);
    if (named !== site && !site.endsWith(`.${named}`)) return named;
  }
  return undefined;
}

/** What a reader should know before following a link with this text, in sentences. */
export function linkWarnings(url: URL, text: string, strings: Strings): string[] {
  const named = otherSite(url, text);
  return [
    named === undefined ? '' : strings.linkNames(named),
    url.username + url.password === '' ? '' : strings.linkHasUser,
    /(?:^|[.@])xn--/.test(siteOf(url)) ? strings.linkImitates : '',
    url.protocol === 'http:' ? strings.linkIsOpen : '',
  ].filter((warning) => warning !== '');
}
