import type { Message } from './message.js';

/** A tool as the page describes it: the shape of a WebMCP tool. */
export interface ToolDescriptor {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema?: Readonly<Record<string, unknown>> | undefined;
}

/** What a run is about, before a dialect gives it the shape of an endpoint. */
export interface RunInput {
  readonly conversationId: string;
  readonly messages: readonly Message[];
  readonly model?: string | undefined;
  readonly system?: string | undefined;
  readonly tools: readonly ToolDescriptor[];
  /** Extra fields of the request body, from the page. They win. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** One request as a transport sends it. */
export interface RunRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; absent with `GET`. */
  readonly body?: string | undefined;
  readonly credentials: 'omit' | 'same-origin' | 'include';
  /** Milliseconds without a byte before the connection counts as dropped; 0: never. */
  readonly idleTimeout: number;
  /** Characters of one event; undefined: what the transport is set to. */
  readonly maxFrameChars?: number | undefined;
  /** Present where a run is gone on with: what is asked for is the rest of its answer. */
  readonly resume?: ResumePoint | undefined;
}

/** How far an answer had come when its connection broke. */
export interface ResumePoint {
  /** As the endpoint named it; undefined where it did not. */
  readonly streamId?: string | undefined;
  /** Id of the last whole event, or its `seq`; undefined: from the start. */
  readonly lastEventId?: string | undefined;
}

/** What is known of an answer before its first frame. */
export interface ResponseInfo {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly headers: { get(name: string): string | null };
}
