import type { StreamEvent } from '../model/index.js';
import { firstText, isRecord, listOf, recordOf, textOf, type JsonRecord } from '../model/json.js';
import { opaqueEvent, resultEvent, wordsEvents } from './events.js';
import { createSourceOnce, type WireSource } from './sources.js';
import type { ToolCallAssembler } from './tool-calls.js';

/** Characters of one content block that are kept to be sent back. */
const MAX_BLOCK_CHARS = 4_194_304;

/** What an opaque part of this dialect holds. */
export interface AnthropicOpaque {
  /** A content block that has to go back as it came. Of a `tool_use` block only what a tool part does not hold. */
  readonly block?: JsonRecord;
  /** Characters of the message's visible text before the block. */
  readonly at?: number;
  /** The container that code of the answer runs in. */
  readonly container?: { readonly id: string; readonly expiresAt?: string | undefined };
}

/** The event that carries something to be sent back. */
export function keepEvent(value: AnthropicOpaque): StreamEvent {
  return opaqueEvent('anthropic', value);
}

/** Blocks that say nothing to a reader. */
const SILENT_TYPES = new Set([
  'redacted_thinking',
  'compaction',
  'fallback',
  'container_upload',
  'mcp_tool_listing',
]);

function isToolUse(type: string): boolean {
  return type === 'tool_use' || type.endsWith('_tool_use');
}

/** The source that a citation or a result of a search names. */
function readSource(value: unknown): WireSource {
  if (!isRecord(value)) return {};
  const { url, source, title, document_title, document_index, file_id, content } = value;
  const inner = recordOf(content)['title'];
  const address = textOf(url) ?? (URL.canParse(String(source)) ? source : undefined);
  const document = document_index === undefined ? undefined : `document-${String(document_index)}`;
  return {
    id: address ?? firstText(source, file_id) ?? document,
    url: address,
    title: firstText(title, document_title) ?? inner,
  };
}

interface Block {
  readonly type: string;
  /** As it began, with what deltas set in it. */
  content: JsonRecord;
  /** Pieces of its text or thinking. */
  readonly pieces: string[];
  length: number;
  /** It can be sent back as it came. */
  intact: boolean;
  readonly citations: unknown[];
  /** Characters of visible text before it. */
  readonly at: number;
  /** Some of its arguments came as deltas. */
  hasArgs: boolean;
}

/** The content blocks of one answer, by their index. Several may be open at a time. */
export interface AnthropicBlocks {
  /** False as the second value: nothing here knows the type of the block or the delta. */
  start(index: number | undefined, content: JsonRecord): [events: StreamEvent[], known: boolean];
  delta(index: number | undefined, delta: JsonRecord): [events: StreamEvent[], known: boolean];
  stop(index: number | undefined): StreamEvent[];
  /** No more blocks are to come. `cut`: the last one may have been cut short. */
  end(cut: boolean): StreamEvent[];
}

/** Reads content blocks into events, and gives as opaque what the endpoint wants back. */
export function createAnthropicBlocks(toolCalls: ToolCallAssembler): AnthropicBlocks {
  const blocks = new Map<number, Block>();
  const toolUses = new Map<string, Block>();
  const takeSource = createSourceOnce();
  let newest = -1;
  // A stopped call whose arguments are empty or broken: the token limit may have cut it, unless more follows.
  let doubtful: number | undefined;
  let textLength = 0;

  function sourceOnce(value: unknown): StreamEvent[] {
    return takeSource(readSource(value));
  }

  function addWords(block: Block | undefined, type: 'text' | 'reasoning', content: unknown): StreamEvent[] {
    if (typeof content !== 'string') return [];
    if (type === 'text') textLength += content.length;
    if (block) {
      block.length += content.length;
      block.intact &&= block.length <= MAX_BLOCK_CHARS;
      if (block.intact) block.pieces.push(content);
      else block.pieces.length = 0;
    }
    return wordsEvents(type, content);
  }

  function toolResult({ tool_use_id, content, is_error }: JsonRecord): StreamEvent[] {
    const id = textOf(tool_use_id);
    if (id === undefined) return [];
    const isError = is_error === true || (isRecord(content) && String(content['type']).endsWith('_error'));
    const results: readonly unknown[] = Array.isArray(content) ? content : [content];
    return [resultEvent(id, content, isError), ...results.flatMap(sourceOnce)];
  }

  /** Gives whole calls of the endpoint's own tools as opaque as well, and what a tool part cannot hold of the page's. */
  function withOpaque(events: readonly StreamEvent[]): StreamEvent[] {
    return events.flatMap((event) => {
      const use = event.type === 'tool_call' ? toolUses.get(event.id) : undefined;
      if (event.type !== 'tool_call' || !use) return [event];
      const { name: _name, input, ...rest } = use.content;
      if (use.type === 'tool_use') {
        return Object.keys(rest).length > 2 ? [event, keepEvent({ block: rest })] : [event];
      }
      const block = { ...use.content, input: isRecord(event.args) ? event.args : (input ?? {}) };
      return [event, keepEvent({ block, at: use.at })];
    });
  }

  function settleDoubtful(): StreamEvent[] {
    if (doubtful === undefined) return [];
    const events = toolCalls.end(doubtful, false);
    doubtful = undefined;
    return withOpaque(events);
  }

  function startToolUse(index: number, block: Block): StreamEvent[] {
    const { id, name } = block.content;
    const by = block.type === 'tool_use' ? 'client' : 'server';
    const events = toolCalls.add({ index, id: textOf(id), name: textOf(name), by, args: '' });
    for (const event of events) if (event.type === 'tool_call_start') toolUses.set(event.id, block);
    return events;
  }

  function stopToolUse(index: number, { content: { input }, hasArgs }: Block): StreamEvent[] {
    const isWhole = !hasArgs && isRecord(input) && Object.keys(input).length > 0;
    const events = isWhole ? toolCalls.add({ index, args: JSON.stringify(input) }) : [];
    const ended = toolCalls.end(index, true);
    if (ended.length === 0) doubtful = index;
    return [...events, ...withOpaque(ended)];
  }

  function finished({ type, content, pieces, citations, at, intact }: Block): StreamEvent[] {
    if (!intact) return [];
    const words = pieces.join('');
    if (type === 'text') {
      return citations.length > 0 ? [keepEvent({ block: { type, text: words, citations }, at })] : [];
    }
    return [keepEvent({ block: type === 'thinking' ? { ...content, thinking: words } : content, at })];
  }

  return {
    start(index = newest + 1, content) {
      const type = textOf(content['type']) ?? '';
      const block: Block = {
        type,
        content,
        pieces: [],
        length: 0,
        intact: true,
        citations: [],
        at: textLength,
        hasArgs: false,
      };
      const before = settleDoubtful();
      newest = index;
      blocks.set(index, block);
      if (type === 'text') {
        const { text, citations } = content;
        block.citations.push(...listOf(citations));
        return [
          [...before, ...addWords(block, 'text', text), ...listOf(citations).flatMap(sourceOnce)],
          true,
        ];
      }
      if (type === 'thinking') {
        return [[...before, ...addWords(block, 'reasoning', content['thinking'])], true];
      }
      if (isToolUse(type)) return [[...before, ...startToolUse(index, block)], true];
      if (type.endsWith('tool_result')) return [[...before, ...toolResult(content)], true];
      return [before, SILENT_TYPES.has(type)];
    },
    delta(index = newest, delta) {
      const block = blocks.get(index);
      switch (delta['type']) {
        case 'text_delta':
          return [addWords(block, 'text', delta['text']), true];
        case 'thinking_delta':
          return [addWords(block, 'reasoning', delta['thinking']), true];
        case 'citations_delta':
          block?.citations.push(delta['citation']);
          return [sourceOnce(delta['citation']), true];
        case 'input_json_delta': {
          const args = textOf(delta['partial_json']);
          if (!block || args === undefined) return [[], true];
          block.hasArgs = true;
          return [toolCalls.add({ index, args }), true];
        }
        case 'signature_delta':
        case 'compaction_delta': {
          const { type: _type, ...fields } = delta;
          if (block) block.content = { ...block.content, ...fields };
          return [[], true];
        }
        default:
          if (block) block.intact = false;
          return [[], false];
      }
    },
    stop(index = newest) {
      const block = blocks.get(index);
      if (!block) return [];
      blocks.delete(index);
      return isToolUse(block.type) ? stopToolUse(index, block) : finished(block);
    },
    end: (cut) => withOpaque(toolCalls.flush(cut)),
  };
}
