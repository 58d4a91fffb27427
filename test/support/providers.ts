import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Content, type GenerateContentConfig } from '@google/genai';
import { Ollama, type ChatRequest } from 'ollama';
import OpenAI from 'openai';
import type { DialectName } from '../../src/core/index.js';

type Body = Record<string, unknown>;

/** What the maker of an API publishes about its requests. */
export interface Provider {
  /** Import of the type of a request, from the provider's own package. */
  readonly head: string;
  readonly type: string;
  /** Fields that a page may add to the body. */
  readonly fields: Body;
  /** What the SDK adds by itself where a body does not have it. */
  readonly adds?: Body;
  /** Sends a body with the provider's own SDK to a server, and reads the answer. */
  send?(server: string, body: Body): Promise<void>;
  /** An answer that says nothing. */
  readonly answer?: { readonly contentType: string; readonly text: string };
}

const apiKey = 'a-key';

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of stream) void chunk;
}

function sendToOpenAi(baseURL: string): OpenAI {
  return new OpenAI({ apiKey, baseURL, maxRetries: 0 });
}

/** Gemini's SDK takes the body apart: as a chat with a history, which it checks, and settings. */
async function sendToGemini(baseUrl: string, body: Body): Promise<void> {
  const { contents, systemInstruction, tools, generationConfig } = body;
  const history = contents as Content[];
  const config = { systemInstruction, tools, ...(generationConfig as object) } as GenerateContentConfig;
  const chat = new GoogleGenAI({ apiKey, httpOptions: { baseUrl } }).chats.create({
    model: 'a-model',
    history: history.slice(0, -1),
    config,
  });
  await readAll(await chat.sendMessageStream({ message: history.at(-1)?.parts ?? [] }));
}

const EVENT_STREAM = { contentType: 'text/event-stream', text: '' };

/** The SDK's types have enums, which no JSON is of; and they name no type for the body. */
const GEMINI_BODY = `
import type { Content, GenerationConfig, Tool } from '@google/genai';
type Json<Type> = Type extends string
  ? \`\${Type}\`
  : Type extends object ? { [Key in keyof Type]: Json<Type[Key]> } : Type;
interface Body {
  contents: Json<Content>[];
  systemInstruction?: Json<Content>;
  tools?: Json<Tool>[];
  generationConfig?: Json<GenerationConfig>;
}`;

/** What `useChat` sends, and beside it what it has no place for, and the page's own `webSearch`. */
const AI_SDK_UI_BODY = `
import type { UIMessage } from 'ai';
interface Body {
  id: string;
  messages: UIMessage[];
  trigger: 'submit-message';
  messageId?: string;
  model?: string;
  system?: string;
  tools?: Record<string, { description: string; parameters: object }>;
  webSearch?: boolean;
}`;

/** The providers whose dialects are spoken, by the name of the dialect. */
export const PROVIDERS = {
  'openai-chat': {
    head: `import type OpenAI from 'openai';`,
    type: 'OpenAI.ChatCompletionCreateParamsStreaming',
    fields: { temperature: 0, tool_choice: 'auto', max_completion_tokens: 100 },
    async send(server, body) {
      const request = body as unknown as OpenAI.ChatCompletionCreateParamsStreaming;
      await readAll(await sendToOpenAi(server).chat.completions.create(request));
    },
    answer: EVENT_STREAM,
  },
  'openai-responses': {
    head: `import type OpenAI from 'openai';`,
    type: 'OpenAI.Responses.ResponseCreateParamsStreaming',
    fields: { store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'low' } },
    async send(server, body) {
      const request = body as unknown as OpenAI.Responses.ResponseCreateParamsStreaming;
      await readAll(await sendToOpenAi(server).responses.create(request));
    },
    answer: EVENT_STREAM,
  },
  anthropic: {
    head: `import type Anthropic from '@anthropic-ai/sdk';`,
    type: 'Anthropic.MessageCreateParamsStreaming',
    fields: { max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 1024 } },
    async send(baseURL, body) {
      const client = new Anthropic({ apiKey, baseURL, maxRetries: 0, dangerouslyAllowBrowser: true });
      const request = body as unknown as Anthropic.MessageCreateParamsStreaming;
      await readAll(await client.messages.create(request));
    },
    answer: EVENT_STREAM,
  },
  gemini: {
    head: GEMINI_BODY,
    type: 'Body',
    fields: { generationConfig: { temperature: 0, thinkingConfig: { includeThoughts: true } } },
    adds: { generationConfig: {} },
    send: sendToGemini,
    answer: EVENT_STREAM,
  },
  ollama: {
    head: `import type { ChatRequest } from 'ollama';`,
    type: 'ChatRequest & { stream: true }',
    fields: { think: true, keep_alive: '5m', options: { temperature: 0 } },
    async send(host, body) {
      await readAll(await new Ollama({ host }).chat(body as unknown as ChatRequest & { stream: true }));
    },
    answer: { contentType: 'application/x-ndjson', text: '{"done":true}\n' },
  },
  'ai-sdk-ui': {
    head: AI_SDK_UI_BODY,
    type: 'Body',
    fields: { webSearch: true },
  },
  'ag-ui': {
    head: `import type { RunAgentInput } from '@ag-ui/core';`,
    type: 'RunAgentInput',
    fields: { state: { step: 1 }, context: [{ description: 'Page', value: 'Home' }] },
  },
} satisfies Partial<Record<DialectName, Provider>>;
