import { html, nothing, type TemplateResult } from 'lit';
import { type FilePart, type SourcePart, type Strings, withoutOddText } from '../../core/index.js';
import { type ContentPolicy, linkAddress, opensAtOnce } from './content-policy.js';

export function reasoningTemplate(content: Node, inProgress: boolean, strings: Strings): TemplateResult {
  return html`<details part="reasoning">
    <summary>${inProgress ? strings.reasoningInProgress : strings.reasoning}</summary>
    ${content}
  </details>`;
}

export function sourcesTemplate(
  sources: readonly SourcePart[],
  policy: ContentPolicy,
): TemplateResult | typeof nothing {
  if (sources.length === 0) return nothing;
  return html`<ol part="sources" aria-label=${policy.strings.sources}>
    ${sources.map(({ id, url, title }) => html`<li>${linkTemplate(url, title ?? url ?? id, policy)}</li>`)}
  </ol>`;
}

/** A file by its name. It is never loaded by itself: that would be a request without the user. */
export function fileTemplate(file: FilePart, policy: ContentPolicy): TemplateResult {
  return html`<p part="file">${linkTemplate(file.url, file.name ?? file.mediaType, policy)}</p>`;
}

/** A link by the rules for those in text; its words alone where it leads to no place on the web. */
function linkTemplate(
  address: string | undefined,
  words: string,
  policy: ContentPolicy,
): TemplateResult | string {
  const label = withoutOddText(words);
  const url = address && URL.canParse(address) ? linkAddress(address) : undefined;
  if (!url || url.protocol === 'mailto:') return label;
  if (opensAtOnce(url, policy)) return html`<a href=${url.href}>${label}</a>`;
  return html`<a role="link" tabindex="0" title=${url.href}>${label}</a>`;
}
