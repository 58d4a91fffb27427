import type { OpaqueEvent, StreamEvent } from '../model/index.js';
import { isRecord, present, textOf, type JsonRecord } from '../model/json.js';
import { approvalEvent, resultEvent } from './events.js';
import { MAX_ARGS_CHARS } from './tool-calls.js';

const DENIED = 'The tool was not allowed to run.';
const STARTED_OVER = 'The endpoint started this step over.';

interface Call {
  readonly isClient: boolean;
  argsLength: number;
  isWhole: boolean;
  /** What the provider wants back with the call. */
  readonly kept: JsonRecord;
}

type Handler = readonly [type: string, handle: (json: JsonRecord) => StreamEvent[]];

/** The tool calls of one run: one handler for each type of chunk that tells of them. */
export interface AiSdkUiCalls {
  readonly handlers: readonly Handler[];
  startStep(): void;
  /** Closes the calls that the step leaves behind: they will not get a result any more. */
  resetStep(): StreamEvent[];
  /** Whether there are whole calls without a result that are not the provider's. */
  areWaiting(): boolean;
}

/** `keep` makes the event of something that goes back with the next request. */
export function createAiSdkUiCalls(keep: (value: JsonRecord) => OpaqueEvent): AiSdkUiCalls {
  const calls = new Map<string, Call>();
  const waiting = new Set<string>();
  const openInStep = new Set<string>();
  const approvals = new Map<unknown, string>();

  function start(json: JsonRecord): { id: string; call: Call | undefined; events: StreamEvent[] } {
    const { toolCallId, toolName, providerExecuted, providerMetadata, toolMetadata, dynamic } = json;
    const id = textOf(toolCallId) ?? '';
    const name = textOf(toolName);
    const events: StreamEvent[] = [];
    let call = calls.get(id);
    if (!call && id !== '' && name !== undefined) {
      const isClient = providerExecuted !== true;
      call = { isClient, argsLength: 0, isWhole: false, kept: {} };
      calls.set(id, call);
      openInStep.add(id);
      events.push({ type: 'tool_call_start', id, name, by: isClient ? 'client' : 'server' });
    }
    if (call) {
      Object.assign(
        call.kept,
        dynamic === true && { dynamic },
        isRecord(providerMetadata) && { callProviderMetadata: providerMetadata },
        isRecord(toolMetadata) && { toolMetadata },
      );
    }
    return { id, call, events };
  }

  function addArgs({ toolCallId, inputTextDelta }: JsonRecord): StreamEvent[] {
    const id = textOf(toolCallId) ?? '';
    const call = calls.get(id);
    const delta = textOf(inputTextDelta);
    if (!call || call.isWhole || delta === undefined) return [];
    call.argsLength += delta.length;
    // The whole input is still to come, so all that is lost is the sight of it growing.
    return call.argsLength > MAX_ARGS_CHARS ? [] : [{ type: 'tool_call_delta', id, delta }];
  }

  function complete(json: JsonRecord): StreamEvent[] {
    const { id, call, events } = start(json);
    const name = textOf(json['toolName']);
    if (!call || call.isWhole || name === undefined) return events;
    call.isWhole = true;
    if (call.isClient) waiting.add(id);
    if (Object.keys(call.kept).length > 0) events.push(keep({ type: 'tool', toolCallId: id, ...call.kept }));
    return [...events, { type: 'tool_call', id, name, args: json['input'] ?? {} }];
  }

  function answer(json: JsonRecord, result: unknown, isError: boolean): StreamEvent[] {
    const { toolCallId, providerMetadata, preliminary } = json;
    const id = textOf(toolCallId);
    if (id === undefined) return [];
    if (preliminary !== true) {
      waiting.delete(id);
      openInStep.delete(id);
    }
    return [
      ...(isRecord(providerMetadata)
        ? [keep({ type: 'tool', toolCallId: id, resultProviderMetadata: providerMetadata })]
        : []),
      resultEvent(id, result, isError),
    ];
  }

  /** The endpoint found the input wrong: the call was made, and it has failed. */
  function rejectInput(json: JsonRecord): StreamEvent[] {
    return [...complete({ ...json, providerMetadata: undefined }), ...answer(json, json['errorText'], true)];
  }

  function askApproval(json: JsonRecord): StreamEvent[] {
    const { approvalId, approvalDescriptor, inputSchemaInput, reason, isAutomatic, signature } = json;
    const id = textOf(json['toolCallId']);
    if (id === undefined) return [];
    approvals.set(approvalId, id);
    const message = textOf(reason);
    const approval = present({
      id: approvalId,
      descriptor: approvalDescriptor,
      inputSchemaInput,
      requestReason: message,
      isAutomatic: isAutomatic === true || undefined,
      signature,
    });
    const kept = keep({ type: 'tool', toolCallId: id, approval });
    if (isAutomatic === true) return [kept];
    return [kept, approvalEvent(id, message)];
  }

  /** The endpoint answers its own question. */
  function noteApproval({ approvalId, approved, reason }: JsonRecord): StreamEvent[] {
    const toolCallId = approvals.get(approvalId);
    if (toolCallId === undefined) return [];
    const approval = present({ id: approvalId, approved, reason: textOf(reason) });
    return [keep({ type: 'tool', toolCallId, approval })];
  }

  return {
    handlers: [
      ['tool-input-start', (json) => start(json).events],
      ['tool-input-delta', addArgs],
      ['tool-input-available', complete],
      ['tool-input-error', rejectInput],
      ['tool-output-available', (json) => answer(json, json['output'], false)],
      ['tool-output-error', (json) => answer(json, json['errorText'], true)],
      ['tool-output-denied', (json) => answer(json, DENIED, true)],
      ['tool-approval-request', askApproval],
      ['tool-approval-response', noteApproval],
    ],
    startStep: () => openInStep.clear(),
    resetStep: () => [...openInStep].flatMap((toolCallId) => answer({ toolCallId }, STARTED_OVER, true)),
    areWaiting: () => waiting.size > 0,
  };
}
