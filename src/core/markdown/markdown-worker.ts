/** The worker as a file of its own, for pages whose policy allows no `blob:` workers (docs/page-policies.md). */
import { serveMarkdown } from './engine.js';
import type { EnginePort } from './protocol.js';

serveMarkdown(globalThis as unknown as EnginePort);
