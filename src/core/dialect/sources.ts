import type { SourceEvent } from '../model/index.js';
import { textOf } from '../model/json.js';

/** A source as the wire has it. */
export interface WireSource {
  /** Default: the URL. */
  readonly id?: unknown;
  readonly url?: unknown;
  readonly title?: unknown;
}

/** Gives the event of a source that was not seen before. `address`: a URL, or a name that is as good as one. */
export type TakeSource = (address: string | undefined, title?: string) => SourceEvent[];

/** Gives the sources of one answer once each, by their URL or else by their id: endpoints repeat them. */
export function createSourceOnce(): (source: WireSource) => SourceEvent[] {
  const seen = new Set<string>();
  return (source) => {
    const url = textOf(source.url);
    const id = textOf(source.id) ?? url;
    const title = textOf(source.title);
    if (id === undefined || seen.has(url ?? id)) return [];
    seen.add(url ?? id);
    return [{ type: 'source', id, url, title }];
  };
}

/** The same for sources that have one address each. */
export function createSources(): TakeSource {
  const sourceOnce = createSourceOnce();
  return (address, title) =>
    sourceOnce({ id: address, url: /^https?:\/\//i.test(address ?? '') ? address : undefined, title });
}
