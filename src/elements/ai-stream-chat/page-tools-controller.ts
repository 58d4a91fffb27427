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

  /** Begins or ends to watch, as is wanted now. Returns what offers the tools. */
  update(): readonly ToolProvider[] {
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
    this.update();
  }

  hostUpdate(): void {
    this.update();
  }

  hostDisconnected(): void {
    // A move is a disconnect and a connect in one task.
    queueMicrotask(() => this.update());
  }
}
