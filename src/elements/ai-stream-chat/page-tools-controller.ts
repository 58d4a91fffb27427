import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ToolProvider } from './execute-tool.js';
import { PageTools, type PageToolsOptions } from '../page-tools/page-tools.js';

export interface PageToolsControllerOptions extends Pick<PageToolsOptions, 'question'> {
  /** `all`: what is registered with the browser's model context, too. */
  readonly wanted: () => boolean | 'all';
}

/** Watches for the tools of the page while the page wants it and the host is in it. */
export class PageToolsController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #options: PageToolsControllerOptions;
  #tools: PageTools | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, options: PageToolsControllerOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  /** Brought up to date with what is wanted. */
  get providers(): readonly ToolProvider[] {
    const { question, wanted } = this.#options;
    if (wanted() && this.#host.isConnected) {
      this.#tools ??= new PageTools({ question, offersAll: () => wanted() === 'all' });
      return [this.#tools];
    }
    this.#tools?.close();
    this.#tools = undefined;
    return [];
  }

  hostConnected(): void {
    void this.providers;
  }

  hostUpdate(): void {
    void this.providers;
  }

  hostDisconnected(): void {
    // A move is a disconnect and a connect in one task.
    queueMicrotask(() => void this.providers);
  }
}
