/** Fulfils when `condition` holds, looked at once per frame. What it returns is what it held for. */
export async function until<T>(condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** The next event of this type. */
export function nextEvent<E extends Event = CustomEvent>(target: EventTarget, type: string): Promise<E> {
  return new Promise((resolve) => {
    target.addEventListener(type, (event) => resolve(event as E), { once: true });
  });
}

/** Collects the events of these types in the order in which they come. */
export function recordEvents(target: EventTarget, ...types: string[]): CustomEvent[] {
  const events: CustomEvent[] = [];
  for (const type of types) target.addEventListener(type, (event) => events.push(event as CustomEvent));
  return events;
}

/** What a chat tells screen readers when they have a moment, as it comes. */
export function announcements(chat: Element): string[] {
  const announcer = chat.shadowRoot!.querySelector('[role="status"]')!;
  const said: string[] = [];
  new MutationObserver(() => said.push(announcer.textContent!)).observe(announcer, { childList: true });
  return said;
}

let keys = 0;

/** An endpoint of test/support/endpoints.mjs, with a key of its own for its log. */
export function endpoint(name: string, query: Record<string, string> = {}): { src: string; key: string } {
  keys += 1;
  const key = `${location.pathname}-${Date.now()}-${keys}`;
  return { src: `/endpoint/${name}?${new URLSearchParams({ ...query, key })}`, key };
}

interface LoggedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly messages: readonly { role: string; content: unknown; [key: string]: unknown }[] };
  /** The reader closed the connection before the answer ended. */
  readonly left: boolean;
}

export async function requestsOf(key: string): Promise<LoggedRequest[]> {
  const response = await fetch(`/endpoint/log?key=${encodeURIComponent(key)}`);
  return (await response.json()) as LoggedRequest[];
}
