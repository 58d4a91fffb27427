import { warnOnce } from '../shared/warn-once.js';

/** What is known of the code that a renderer gets. */
export interface CodeState {
  /** Whether this is all of it. */
  readonly complete: boolean;
  /** Whether it stands on lines of its own. False for math in a line of text only. */
  readonly display: boolean;
}

/**
 * Shows code in the page's own way. `element` stands in the place of the code, keeps what was put into it the last
 * time, and is the page's to fill; while it is empty, the code is shown.
 */
export type CodeRenderer = (source: string, element: HTMLElement, state: CodeState) => void | Promise<void>;

/**
 * Renderers by language, as it stands behind the fence. One for `math` also gets what stands between `$` and `$`, `$$`
 * and `$$`, `\(` and `\)`, `\[` and `\]`, which is kept from markdown then.
 */
export type Renderers = Readonly<Record<string, CodeRenderer>>;

/** The renderer for a language, which the model may write in either case. */
export function findRenderer(renderers: Renderers, language: string): CodeRenderer | undefined {
  const name = [language, language.toLowerCase()].find((candidate) => Object.hasOwn(renderers, candidate));
  return name === undefined ? undefined : renderers[name];
}

/** Calls the page's renderer. Where it fails, the element is empty, so the code is shown. */
export function callRenderer(
  renderer: CodeRenderer,
  source: string,
  element: HTMLElement,
  state: CodeState,
): void {
  const fail = (error: unknown): void => {
    element.replaceChildren();
    warnOnce(
      'renderer-failed',
      `a renderer failed, so the code is shown: ${error instanceof Error ? error.message : String(error)}`,
    );
  };
  try {
    Promise.resolve(renderer(source, element, state)).catch(fail);
  } catch (error) {
    fail(error);
  }
}
