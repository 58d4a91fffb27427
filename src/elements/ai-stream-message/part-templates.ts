import { html, nothing, type TemplateResult } from 'lit';
import type { FilePart, SourcePart, Strings, ToolPart, ToolState } from '../../core/index.js';

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
  strings: Strings,
): TemplateResult | typeof nothing {
  if (sources.length === 0) return nothing;
  return html`<ol part="sources" aria-label=${strings.sources}>
    ${sources.map(({ id, url, title }) => {
      const label = title ?? url ?? id;
      return html`<li>${url && isWebAddress(url) ? html`<a href=${url}>${label}</a>` : label}</li>`;
    })}
  </ol>`;
}

/** A file by its name. It is never loaded by itself: that would be a request without the user. */
export function fileTemplate(file: FilePart): TemplateResult {
  const label = file.name ?? file.mediaType;
  return html`<p part="file">
    ${file.url && isWebAddress(file.url) ? html`<a href=${file.url}>${label}</a>` : label}
  </p>`;
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}

/** A value as people read it: text as it is, anything else as JSON with indents. */
export function readable(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
