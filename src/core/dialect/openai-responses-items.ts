import type { StreamEvent } from '../model/index.js';
import {
  firstText,
  isRecord,
  listOf,
  parseJson,
  present,
  recordsOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { approvalEvent, resultEvent } from './events.js';
import {
  hasFailed,
  isClientCall,
  isServerTool,
  keptItem,
  partWords,
  readFiles,
  responsesOpaque,
  serverArgs,
  serverResult,
  without,
  wordsKind,
  type WordsKind,
} from './openai-responses-wire.js';
import { createSourceOnce } from './sources.js';
import { argsTooLongEvent, makeCallId, MAX_ARGS_CHARS, parseArgs } from './tool-calls.js';

interface OpenItem {
  /** Empty while it is not known, in a stream that begins in the middle of an item. */
  type: string;
  /** As the events have it: what the endpoint calls the call, or the item. */
  id: string;
  name: string;
  /** Its beginning was in this stream. */
  isWhole: boolean;
  /** Kind and index of the parts that words came for. */
  readonly parts: Set<string>;
  reasoningKind: WordsKind | undefined;
  readonly args: string[];
  argsLength: number;
  /** What closes the JSON text made of a tool's input that is none. */
  argsTail: string;
  /** The item as it began. */
  asked: JsonRecord;
  /** It has what makes it readable for its endpoint, which keeps nothing of it. */
  encrypted: boolean;
  started: boolean;
  /** The call was reported, or never will be. */
  reported: boolean;
  done: boolean;
}

/** Follows the output items of one response, each under its index. */
export interface ResponseItems {
  added(json: JsonRecord): StreamEvent[];
  /** The item is complete; what its deltas did not say is taken from it. */
  done(json: JsonRecord): StreamEvent[];
  /** Words to append. */
  delta(json: JsonRecord, kind: WordsKind, words: string): StreamEvent[];
  /** All words of a part: used if there were no deltas of it. */
  snapshot(json: JsonRecord, kind: WordsKind, words: string): StreamEvent[];
  /** A part of an item is complete. */
  partDone(json: JsonRecord): StreamEvent[];
  annotation(value: unknown): StreamEvent[];
  argsDelta(json: JsonRecord, delta: string): StreamEvent[];
  argsDone(json: JsonRecord, args: string): StreamEvent[];
  /** A tool of the endpoint has its input, and runs. */
  asked(json: JsonRecord, fields: JsonRecord): StreamEvent[];
  codeDelta(json: JsonRecord, delta: string): StreamEvent[];
  /** The response is over: what its `output` says and no event said, and the calls that are whole. */
  complete(output: unknown, cut: boolean): StreamEvent[];
  /** Whether an event is about an item that is known. */
  knows(json: JsonRecord): boolean;
  /** Calls of the page's tools that were reported. */
  readonly calls: number;
  /** The model refused to answer. */
  readonly refused: boolean;
}

/**
 * Makes the items of one response. `isFromStart`: whether the stream began where the response began. If not, whole texts
 * at the end of an item repeat what an earlier connection brought.
 */
export function createResponseItems(isFromStart: () => boolean): ResponseItems {
  const byKey = new Map<string | number, OpenItem>();
  const items: OpenItem[] = [];
  const sourceOnce = createSourceOnce();
  let calls = 0;
  let refused = false;
  let hasText = false;
  let hasReasoning = false;

  function create(isWhole: boolean): OpenItem {
    const item: OpenItem = {
      type: '',
      id: '',
      name: '',
      isWhole,
      parts: new Set(),
      reasoningKind: undefined,
      args: [],
      argsLength: 0,
      argsTail: '',
      asked: {},
      encrypted: false,
      started: false,
      reported: false,
      done: false,
    };
    items.push(item);
    return item;
  }

  /** By index: the ids of an item differ between its events behind some gateways. */
  function find({ output_index, item_id }: JsonRecord): OpenItem | undefined {
    if (typeof output_index === 'number') return byKey.get(output_index);
    return typeof item_id === 'string' ? byKey.get(item_id) : items.at(-1);
  }

  function findOrCreate(json: JsonRecord): OpenItem {
    const found = find(json);
    if (found) return found;
    const item = create(isFromStart());
    remember(item, json['output_index'], json['item_id']);
    return item;
  }

  function remember(item: OpenItem, index: unknown, id: unknown): void {
    if (typeof index === 'number') byKey.set(index, item);
    if (typeof id === 'string') byKey.set(id, item);
  }

  function describe(item: OpenItem, wire: JsonRecord): void {
    const { type, id, call_id, name } = wire;
    item.type = textOf(type) ?? item.type;
    const isCall = isClientCall(item.type);
    if (item.id === '') item.id = (isCall ? textOf(call_id) : undefined) ?? textOf(id) ?? '';
    item.name = (isCall ? textOf(name) : item.type) ?? item.name;
  }

  function start(item: OpenItem): StreamEvent[] {
    const { type, name } = item;
    if (item.started || name === '' || !(isClientCall(type) || isServerTool(type))) return [];
    item.started = true;
    if (item.id === '') item.id = makeCallId();
    return [{ type: 'tool_call_start', id: item.id, name, by: isClientCall(type) ? 'client' : 'server' }];
  }

  function say(item: OpenItem, part: string, kind: WordsKind, words: string): StreamEvent[] {
    if (words === '') return [];
    if (kind === 'text' || kind === 'refusal') {
      hasText = true;
      refused ||= kind === 'refusal';
      item.parts.add(part);
      return [{ type: 'text', content: words }];
    }
    item.reasoningKind ??= kind;
    if (item.reasoningKind !== kind) return [];
    hasReasoning = true;
    item.parts.add(part);
    return [{ type: 'reasoning', content: words }];
  }

  function partKey(kind: WordsKind, { content_index, summary_index }: JsonRecord): string {
    return `${kind} ${String((kind === 'summary' ? summary_index : content_index) ?? 0)}`;
  }

  function annotation(value: unknown): StreamEvent[] {
    if (!isRecord(value)) return [];
    const details = isRecord(value['url_citation']) ? value['url_citation'] : value;
    const { url, file_id, title, filename } = details;
    return sourceOnce({ id: textOf(url) ?? file_id, url, title: textOf(title) ?? filename });
  }

  function snapshot(json: JsonRecord, kind: WordsKind, words: string): StreamEvent[] {
    const item = findOrCreate(json);
    const part = partKey(kind, json);
    return item.isWhole && !item.parts.has(part) ? say(item, part, kind, words) : [];
  }

  /** The parts of a whole item: their words where none came, and their annotations. */
  function readParts(item: OpenItem, parts: unknown): StreamEvent[] {
    const isNew = item.isWhole && item.parts.size === 0;
    return recordsOf(parts).flatMap((part, index) => {
      const kind = wordsKind(part);
      const words = partWords(part);
      return [
        ...(isNew && kind ? say(item, `${kind} ${index}`, kind, words) : []),
        ...listOf(part['annotations']).flatMap(annotation),
      ];
    });
  }

  function closeMessage(item: OpenItem, wire: JsonRecord): StreamEvent[] {
    const { id, phase, content } = wire;
    const length = recordsOf(content).reduce((sum, part) => sum + partWords(part).length, 0);
    const events = readParts(item, content);
    if (length === 0) return events;
    const message = present({ id: textOf(id), phase: textOf(phase) });
    return [...events, responsesOpaque({ message, length })];
  }

  function closeReasoning(item: OpenItem, wire: JsonRecord): StreamEvent[] {
    const summary = readParts(item, wire['summary']);
    item.encrypted = textOf(wire['encrypted_content']) !== undefined;
    return [...summary, ...readParts(item, wire['content']), responsesOpaque({ item: keptItem(wire) })];
  }

  function report(item: OpenItem, text: string): StreamEvent[] {
    if (item.reported) return [];
    item.reported = true;
    calls += 1;
    const args = item.type === 'custom_tool_call' ? text : parseArgs(text);
    return [{ type: 'tool_call', id: item.id, name: item.name, args }];
  }

  function closeCall(item: OpenItem, wire: JsonRecord): StreamEvent[] {
    const events = start(item);
    if (item.reported || !item.started) return events;
    if (wire['status'] === 'incomplete') {
      item.reported = true;
      return events;
    }
    const text = firstText(wire['arguments'], wire['input']);
    if (text !== undefined && item.argsLength === 0 && item.isWhole) events.push(...addArgs(item, text));
    if (item.reported) return events;
    const call = without(wire, ['arguments', 'input', 'status', 'created_by']);
    return [
      ...events,
      ...report(item, text ?? item.args.join('')),
      responsesOpaque({ call: { ...call, call_id: item.id } }),
    ];
  }

  function closeServerTool(item: OpenItem, wire: JsonRecord): StreamEvent[] {
    const events = [...start(item), ...reportServer(item, wire)];
    const { id } = item;
    if (item.type === 'mcp_approval_request') {
      const message = `May "${String(wire['name'])}" of ${String(wire['server_label'])} run?`;
      events.push(approvalEvent(id, message, ['approve', 'deny']));
    } else {
      events.push(resultEvent(id, serverResult(wire), hasFailed(wire)));
    }
    return [...events, ...readFiles(wire), responsesOpaque({ item: keptItem(wire) })];
  }

  function reportServer(item: OpenItem, wire: JsonRecord): StreamEvent[] {
    const { id, name, argsTail } = item;
    if (item.reported || !item.started) return [];
    item.reported = true;
    return [
      ...(argsTail === '' ? [] : [{ type: 'tool_call_delta' as const, id, delta: argsTail }]),
      { type: 'tool_call', id, name, args: serverArgs(wire) },
    ];
  }

  function close(item: OpenItem, wire: JsonRecord): StreamEvent[] {
    if (item.done) return [];
    item.done = true;
    describe(item, wire);
    if (item.type === 'message') return closeMessage(item, wire);
    if (item.type === 'reasoning') return closeReasoning(item, wire);
    return isClientCall(item.type) ? closeCall(item, wire) : closeServerTool(item, wire);
  }

  function addArgs(item: OpenItem, delta: string): StreamEvent[] {
    if (item.reported || delta === '') return [];
    item.argsLength += delta.length;
    if (item.argsLength > MAX_ARGS_CHARS) {
      item.reported = true;
      item.args.length = 0;
      return [argsTooLongEvent(item.name)];
    }
    item.args.push(delta);
    return item.started ? [{ type: 'tool_call_delta', id: item.id, delta }] : [];
  }

  function isKnownOutput(wire: JsonRecord): boolean {
    if (wire['type'] === 'message') return hasText;
    return wire['type'] === 'reasoning' && hasReasoning;
  }

  function completeItem(wire: JsonRecord, index: number): StreamEvent[] {
    const { id, type, call_id } = wire;
    const sameId = typeof id === 'string' ? byKey.get(id) : undefined;
    const sameCall = items.find((item) => item.id !== '' && item.id === call_id);
    const sameIndex = byKey.get(index);
    const found = sameId ?? sameCall ?? (sameIndex?.type === type ? sameIndex : undefined);
    if (found?.done && found.type === 'reasoning' && !found.encrypted && textOf(wire['encrypted_content'])) {
      // Azure may give it at the end of the response only.
      return [responsesOpaque({ item: keptItem(wire) })];
    }
    if (found) return close(found, wire);
    if (!isFromStart() || isKnownOutput(wire)) return [];
    const item = create(true);
    describe(item, wire);
    return [...start(item), ...close(item, wire)];
  }

  return {
    get calls() {
      return calls;
    },
    get refused() {
      return refused;
    },
    knows: (json) => find(json) !== undefined,
    added({ output_index, item: wire }) {
      if (!isRecord(wire)) return [];
      const item = create(true);
      remember(item, output_index, wire['id']);
      describe(item, wire);
      item.asked = wire;
      return start(item);
    },
    done(json) {
      const { item: wire, output_index } = json;
      if (!isRecord(wire)) return [];
      const item = findOrCreate({ output_index, item_id: wire['id'] });
      remember(item, output_index, wire['id']);
      return close(item, wire);
    },
    delta: (json, kind, words) => say(findOrCreate(json), partKey(kind, json), kind, words),
    snapshot,
    partDone(json) {
      const { part } = json;
      if (!isRecord(part)) return [];
      const kind = wordsKind(part);
      const words = partWords(part);
      return [
        ...(kind ? snapshot(json, kind, words) : []),
        ...listOf(part['annotations']).flatMap(annotation),
      ];
    },
    annotation,
    argsDelta: (json, delta) => addArgs(findOrCreate(json), delta),
    argsDone(json, args) {
      const item = findOrCreate(json);
      return item.isWhole && item.argsLength === 0 && isClientCall(item.type) ? addArgs(item, args) : [];
    },
    asked(json, fields) {
      const item = findOrCreate(json);
      return reportServer(item, { ...item.asked, ...fields });
    },
    codeDelta(json, delta) {
      const item = findOrCreate(json);
      if (!item.started) return [];
      const lead = item.argsTail === '' ? '{"code":"' : '';
      item.argsTail = '"}';
      return [{ type: 'tool_call_delta', id: item.id, delta: lead + JSON.stringify(delta).slice(1, -1) }];
    },
    complete(output, cut) {
      const events = recordsOf(output).flatMap(completeItem);
      for (const item of items) {
        if (!item.started || item.reported || !isClientCall(item.type)) continue;
        const text = item.args.join('');
        if (!cut || (item.type === 'function_call' && isRecord(parseJson(text)))) {
          events.push(...report(item, text));
        }
      }
      return events;
    },
  };
}
