import { html, nothing, type TemplateResult } from 'lit';
import {
  type FilePart,
  type SourcePart,
  type Strings,
  type ToolPart,
  type ToolState,
  withoutOddText,
} from '../../core/index.js';
import { type ContentPolicy, linkAddress, opensAtOnce } from './content-policy.js';

/** A folded row with a tool's name and state; its arguments, which `content` shows, and its result stand inside. */
export function toolTemplate(tool: ToolPart, content: Node, strings: Strings): TemplateResult {
  const stateNames: Record<ToolState, string> = {
    preparing: strings.toolPreparing,
    running: strings.toolRunning,
    done: strings.toolDone,
    failed: strings.toolFailed,
  };
  const asks = tool.approval !== undefined && tool.state === 'running';
  return html`<details part="tool">
    <summary>${tool.name} · ${asks ? strings.toolAsks : stateNames[tool.state]}</summary>
    ${tool.approval?.message ? html`<p>${tool.approval.message}</p>` : nothing}
    <pre aria-label=${strings.toolArguments}>${content}</pre>
    ${'result' in tool ? html`<pre aria-label=${strings.toolResult}>${readable(tool.result)}</pre>` : nothing}
  </details>`;
}

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

/** A value as people read it: text as it is, anything else as JSON with indents. */
export function readable(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
