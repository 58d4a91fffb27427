// Requests as the providers' own packages see them: the types and schemas that they publish, their SDKs that send the
// same, and a server of the AI SDK. The conversations are written by hand, and follow every recorded answer, so that what
// it left in opaque parts is in the request after it.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { RunAgentInputSchema } from '@ag-ui/core/schemas';
import { safeValidateUIMessages, type UIMessage } from 'ai';
import {
  getDialect,
  streamEvents,
  type Dialect,
  type Message,
  type MessagePart,
  type RunInput,
  type StreamEvent,
  type ToolPart,
} from '../../src/core/index.js';
import { answerWithAiSdk } from '../support/ai-sdk-server.js';
import { CONVERSATIONS } from '../support/conversations.js';
import { user } from '../support/dialect.js';
import { PROVIDERS, type Provider } from '../support/providers.js';
import { recordedAnswers, type RecordedAnswer } from '../support/recorded-answers.js';
import { serve, type TestServer } from '../support/server.js';
import { checkTypes } from '../support/type-check.js';

type ProviderName = keyof typeof PROVIDERS;

interface Case {
  readonly dialect: ProviderName;
  readonly name: string;
  /** The recording that it follows. */
  readonly file?: string | undefined;
  readonly input: RunInput;
  readonly body: Record<string, unknown>;
}

/** Fields that a provider's type does not have, and why they are sent all the same. */
const EXTENSIONS: readonly { dialect: ProviderName; field: string; reason: string }[] = [
  {
    dialect: 'ollama',
    field: 'additionalProperties',
    reason:
      'A tool is described by JSON Schema, of which the type names a part; the server passes over the rest.',
  },
  {
    dialect: 'openai-responses',
    field: 'sources',
    reason: 'A web search goes back as the endpoint gave it; the type does not know all of its sources.',
  },
  {
    dialect: 'anthropic',
    field: 'abort_reason',
    reason: 'A result of its own tool goes back as the endpoint gave it; the type does not know all of it.',
  },
];

/** Answers with blocks that only the beta of the API has. */
const BETA = new Set(['anthropic/anthropic--advisor-tool.sse', 'anthropic/anthropic--mcp-servers.sse']);

/** Whether a part is a call that waits for the page. */
function isOpen(part: MessagePart): part is ToolPart {
  return part.type === 'tool' && part.by === 'client' && part.state === 'running';
}

function createCase(dialect: ProviderName, name: string, input: RunInput, file?: string): Case {
  // As JSON has it, without what is undefined.
  const body = JSON.parse(JSON.stringify(getDialect(dialect).encode(input))) as Case['body'];
  return { dialect, name, input, body, file };
}

/** The requests that a recorded answer leads to. */
function casesAfter(dialect: ProviderName, { file, message }: RecordedAnswer): Case[] {
  const parts = message.parts.map((part): MessagePart =>
    isOpen(part) ? { ...part, state: 'done', result: { ok: true } } : part,
  );
  const answered: Message = { ...message, parts };
  const conversations: Record<string, Message[]> = {
    'gone on with': [user('Hello'), answered, user('And?', 'u2')],
    ...(message.parts.some(isOpen) && {
      'its calls answered': [user('Hello'), answered],
      'its calls left open': [user('Hello'), message, user('And?', 'u2')],
    }),
  };
  return Object.entries(conversations).map(([what, messages]) => {
    const input: RunInput = { conversationId: 'conv', model: 'a-model', tools: [], messages };
    return createCase(dialect, `${file}, ${what}`, input, file);
  });
}

const names = Object.keys(PROVIDERS) as ProviderName[];
const cases = names.flatMap((dialect) => [
  ...Object.entries(CONVERSATIONS).map(([name, input]) => createCase(dialect, name, input)),
  createCase(dialect, 'fields of the page', {
    ...CONVERSATIONS['one question']!,
    body: PROVIDERS[dialect].fields,
  }),
  ...recordedAnswers(dialect).flatMap((answer) => casesAfter(dialect, answer)),
]);
const afterRecordings = cases.filter(({ file }) => file !== undefined);
console.log(
  afterRecordings.length === 0
    ? 'Skipped: all requests after recorded answers, ../shared/streams is not there.'
    : `Requests: ${cases.length}, ${afterRecordings.length} of them after recorded answers.`,
);

const sentExtensions = new Set<string>();

/** A body without what its type is known not to have. */
function withoutExtensions({ dialect, body }: Pick<Case, 'dialect' | 'body'>): unknown {
  return JSON.parse(
    JSON.stringify(body, (field, value: unknown) => {
      const extension = EXTENSIONS.find((each) => each.dialect === dialect && each.field === field);
      if (extension) sentExtensions.add(extension.reason);
      return extension ? undefined : value;
    }),
  );
}

/** Bodies with a field that nobody knows, at the top and in a message. No check may let them pass. */
const wrong = names.flatMap((dialect) => {
  const body = getDialect(dialect).encode(CONVERSATIONS['one question']!);
  const inMessage = JSON.stringify(body).replace('"role":', '"unknown":1,"role":');
  return [{ ...body, unknown: 1 }, JSON.parse(inMessage) as Case['body']].map((each) => ({
    dialect,
    name: 'wrong',
    body: each,
  }));
});

const problems = checkTypes(
  [...cases, ...wrong].map((each) => {
    const { head, type } = PROVIDERS[each.dialect];
    const isBeta = 'file' in each && BETA.has(each.file ?? '');
    return { head, type: isBeta ? type.replace('.', '.Beta.') : type, value: withoutExtensions(each) };
  }),
);

for (const [index, dialect] of names.entries()) {
  describe(`the types of the requests of ${dialect}`, () => {
    it('tell wrong requests', () => {
      for (const list of problems.slice(cases.length).slice(2 * index, 2 * index + 2)) {
        assert.match(list.join(), /'"unknown"' does not exist/);
      }
    });

    for (const [at, { name, dialect: of }] of cases.entries()) {
      if (of === dialect) it(`fit ${name}`, () => assert.deepEqual(problems[at], []));
    }
  });
}

describe('known extensions of the types', () => {
  for (const { dialect, field, reason } of EXTENSIONS) {
    it(`are sent: ${field} of ${dialect}`, { skip: afterRecordings.length === 0 }, () => {
      assert.ok(sentExtensions.has(reason), 'Nothing needs this extension any more.');
    });
  }
});

describe('requests of the SDKs', () => {
  let server: TestServer;
  let answer: Provider['answer'];
  let arrived: { headers: IncomingMessage['headers']; body: unknown };

  before(async () => {
    server = await serve(async (request, response) => {
      arrived = { headers: request.headers, body: await json(request) };
      response.writeHead(200, { 'content-type': answer?.contentType }).end(answer?.text);
    });
  });
  after(() => server.close());

  for (const { dialect, name, body } of cases) {
    const provider: Provider = PROVIDERS[dialect];
    const { send } = provider;
    if (!send) continue;
    it(`are those of ${dialect}: ${name}`, async () => {
      answer = provider.answer;
      await send(new URL(server.url).origin, body);
      assert.deepEqual(arrived.body, { ...provider.adds, ...body });
      const { headers = {} }: Dialect = getDialect(dialect);
      // By name only: Anthropic's SDK asks for a younger version of the API, with fewer fields, than all servers know.
      for (const header of Object.keys(headers)) assert.ok(header in arrived.headers, header);
    });
  }
});

describe('requests to a server of the AI SDK', () => {
  let server: TestServer;
  before(async () => {
    server = await serve((request, response) => void answerWithAiSdk(request, response));
  });
  after(() => server.close());

  for (const { dialect, name, input, body } of cases) {
    if (dialect !== 'ai-sdk-ui') continue;
    const messages = body['messages'] as UIMessage[];
    it(`are valid and have no field too many: ${name}`, async () => {
      const result = await safeValidateUIMessages({ messages });
      if (!result.success) throw result.error;
      assert.deepEqual(result.data, messages);
    });

    it(`are answered: ${name}`, async () => {
      const events: StreamEvent[] = [];
      const { conversationId, ...options } = input;
      for await (const event of streamEvents(server.url, { dialect, conversationId, ...options })) {
        events.push(event);
      }
      assert.deepEqual(
        events.filter(({ type }) => type === 'error'),
        [],
      );
      assert.deepEqual(events.at(-1), { type: 'done', reason: 'stop', complete: true, origin: 'stop' });
    });
  }
});

describe('requests of AG-UI by its schema', () => {
  for (const { dialect, name, body } of cases) {
    if (dialect !== 'ag-ui') continue;
    it(`are valid: ${name}`, () => {
      assert.deepEqual(RunAgentInputSchema.parse(body), body);
    });
  }
});
