import type { SourceEvent } from '../model/index.js';

/** Gives the event of a source that was not seen before. `address`: a URL, or a name that is as good as one. */
export type TakeSource = (address: string | undefined, title?: string) => SourceEvent[];

/** Remembers the sources of one answer, which endpoints repeat. */
export function createSources(): TakeSource {
  const seen = new Set<string>();
  return (address, title) => {
    if (address === undefined || seen.has(address)) return [];
    seen.add(address);
    return [
      {
        type: 'source',
        id: address,
        ...(/^https?:\/\//i.test(address) && { url: address }),
        ...(title !== undefined && { title }),
      },
    ];
  };
}
