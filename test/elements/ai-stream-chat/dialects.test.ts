// Recordings of every dialect, played to a chat that is told nothing about its endpoint.
import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import {
  DIALECT_NAMES,
  messageText,
  type DialectName,
  type DoneReason,
  type Message,
} from '../../../src/core/index.js';
import type {
  AiStreamChatElement,
  StreamEndEvent,
  StreamErrorEvent,
  StreamStartEvent,
  ToolCallEvent,
} from '../../../src/index.js';
import { detectedName, type Recording, type Words } from '../../support/recordings.js';
import { recordEvents } from '../support.js';

/** The recordings, and how each of them ends. */
const PLAYED: readonly [file: string, reason: DoneReason][] = [
  ['a2a/v1-task.sse', 'stop'],
  ['a2a/v03-fail.sse', 'error'],
  ['ag-ui/agno-openai--multi-tool.sse', 'stop'],
  ['ag-ui/vercel-anthropic--multi-turn-memory.sse', 'error'],
  ['ai-sdk-ui/v7--anthropic-parallel-tools.sse', 'stop'],
  ['ai-sdk-ui/v7--openai-chat-error-masked.sse', 'error'],
  ['anthropic/anthropic--tools-streaming.sse', 'tool_calls'],
  ['anthropic/anthropic--web-fetch-tool.1.sse', 'stop'],
  ['anthropic/deviation--overloaded-mid-stream.sse', 'error'],
  ['cohere/cohere--tool-call.sse', 'tool_calls'],
  ['cohere/cohere--a-tools-1.sse', 'stop'],
  ['coze/failed.sse', 'error'],
  ['dify/agent-tool.sse', 'stop'],
  ['dify/chatflow.sse', 'stop'],
  ['flowise/chat-sources.sse', 'stop'],
  ['flowise/abort.sse', 'aborted'],
  ['gemini/google--stream-tool-call-arguments.sse', 'tool_calls'],
  ['gemini/vertexai--error-mid-stream-raw-json.sse', 'error'],
  ['gemini-interactions/google--google-search.sse', 'stop'],
  ['gemini-interactions/google--tool-call-step1.sse', 'tool_calls'],
  ['langgraph/js-server--agent-tuple-custom-updates.sse', 'unknown'],
  ['langgraph/js-server--interrupt-resume.sse', 'unknown'],
  ['langserve/string-output.sse', 'stop'],
  ['langserve/error.sse', 'error'],
  ['mcp/deepwiki--tools-call-with-pings.sse', 'stop'],
  ['n8n/agent.ndjson', 'stop'],
  ['ollama/thinking-parallel-tools.ndjson', 'tool_calls'],
  ['ollama/error-mid-stream.ndjson', 'error'],
  ['ollama-generate/ollama--gemma3-generate-stream.ndjson', 'stop'],
  ['openai-assistants/openai--existing-assistant.sse', 'stop'],
  ['openai-chat/deviation--interleaved-parallel-args.sse', 'tool_calls'],
  ['openai-chat/perplexity--sonar-text-crlf.sse', 'stop'],
  ['openai-chat/groq--error-mid-stream-with-text.sse', 'error'],
  ['openai-completions/openai--davinci-text.sse', 'length'],
  ['openai-responses/openai--phase-0.sse', 'tool_calls'],
  ['openai-responses/openai--annotations.sse', 'stop'],
  ['openai-responses/openai--error.1.sse', 'error'],
  ['plain/type-token-seq-replayed.sse', 'stop'],
  ['plain/ndjson-type-text.ndjson', 'stop'],
  ['plain/ai-sdk-v7-text-stream-protocol.txt', 'unknown'],
  ['replicate/replicate--llama-raw-text.sse', 'stop'],
  ['tgi/generate-stream.sse', 'stop'],
  ['watsonx/watsonx--flan-ul2.sse', 'stop'],
  ['writer-completions/writer--value-lines.sse', 'unknown'],
];

/** Their endpoints run the tools that the recordings list. */
const RUN_BY_ENDPOINT: ReadonlySet<DialectName | undefined> = new Set(['dify', 'langgraph']);

/** Bytes that arrive at a time: characters and events are cut anywhere. */
const CHUNK = 777;

const response = await fetch('/recordings/manifest.json');
const recordings = response.ok ? ((await response.json()) as { streams: Recording[] }).streams : [];

async function checkWords(actual: string, expected: Words | null, what: string): Promise<void> {
  const head = expected?.head ?? '';
  expect(actual.slice(0, head.length), `head of the ${what}`).to.equal(head);
  if (!expected) {
    expect(actual, what).to.equal('');
    return;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(actual)));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(hex, what).to.equal(expected.sha256);
}

function answersOf({ messages }: AiStreamChatElement): readonly Message[] {
  return messages.filter(({ role }) => role === 'assistant');
}

/** Asks an endpoint that answers with a recording. */
async function play(file: string): Promise<{ chat: AiStreamChatElement; events: CustomEvent[] }> {
  const chat = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat
      dialect="auto"
      style="block-size: 320px"
      src=${`/recordings/${file}?chunk=${CHUNK}`}
    ></ai-stream-chat>
  `);
  const types = ['stream_start', 'stream_error', 'stream_end', 'tool_call'];
  const events = recordEvents(chat, ...types);
  await chat.send('Hello');
  await chat.settled;
  return { chat, events };
}

function ofType<E extends CustomEvent>(events: readonly CustomEvent[], type: E['type']): E[] {
  return events.filter((event): event is E => event.type === type);
}

describe('recordings of every dialect', () => {
  it('are of every dialect that there are recordings of', function () {
    if (recordings.length === 0) this.skip();
    const names = new Set(PLAYED.map(([file]) => file.split('/', 1)[0]));
    expect(DIALECT_NAMES.filter((name) => !names.has(name))).to.deep.equal(['native']);
  });

  for (const [file, reason] of PLAYED) {
    it(`show and tell all of ${file}`, async function () {
      const recording = recordings.find((each) => each.file === file);
      if (recordings.length === 0) this.skip();
      if (!recording) throw new Error(`${file} is not among the recordings.`);
      const { dialect, expect: expected } = recording;
      const { chat, events } = await play(file);

      const answers = answersOf(chat);
      expect(answers.length, 'answers').to.equal(1);
      const parts = answers.flatMap((message) => message.parts);
      await checkWords(answers.map(messageText).join(''), expected.text, 'text');
      const reasoning = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
      await checkWords(reasoning, expected.reasoning, 'reasoning');

      const [start] = ofType<StreamStartEvent>(events, 'stream_start');
      if (start) expect(start.detail.dialect).to.equal(detectedName(recording.reader ?? dialect));

      const calls = ofType<ToolCallEvent>(events, 'tool_call').map(({ detail }) => detail);
      const isServerSide = RUN_BY_ENDPOINT.has(detectedName(dialect));
      const wanted = isServerSide ? [] : expected.toolCalls;
      expect(
        calls.map(({ id, name, args }, index) => ({
          // A call without an id on the wire gets one of its own.
          id: wanted[index]?.id === null ? null : id,
          name,
          args,
        })),
      ).to.deep.equal(wanted);
      const serverTools = parts.flatMap((part) =>
        part.type === 'tool' && part.by === 'server' ? [part.name] : [],
      );
      if (expected.serverTools) {
        expect(serverTools).to.deep.equal(expected.serverTools.map(({ type }) => type));
      } else if (isServerSide) {
        expect(serverTools).to.deep.equal(expected.toolCalls.map(({ name }) => name));
      }

      const errors = ofType<StreamErrorEvent>(events, 'stream_error').map(({ detail }) => detail.message);
      expect(errors).to.deep.equal(expected.error ? [expected.error.message] : []);
      const ends = ofType<StreamEndEvent>(events, 'stream_end');
      expect(ends.map(({ detail }) => detail.reason)).to.deep.equal([reason]);
      expect(ends[0]!.detail.complete || reason === 'error').to.equal(true);
      const { input, output, total } = expected.usage ?? {};
      const { inputTokens, outputTokens, totalTokens } = ends[0]!.detail.usage ?? {};
      if (input !== undefined) expect(inputTokens ?? null, 'input tokens').to.equal(input);
      if (output !== undefined) expect(outputTokens ?? null, 'output tokens').to.equal(output);
      if (total !== undefined) expect(totalTokens ?? null, 'total tokens').to.equal(total);
    });
  }
});
