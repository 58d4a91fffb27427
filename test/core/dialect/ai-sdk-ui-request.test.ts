import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getDialect,
  type Message,
  type MessagePart,
  type RunInput,
  type ToolPart,
} from '../../../src/core/index.js';
import { answeredCall } from '../../support/dialect.js';

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  const input: RunInput = { conversationId: 'conv', messages: [], tools: [], ...fields };
  // As it is sent: without fields that are undefined.
  return JSON.parse(JSON.stringify(getDialect('ai-sdk-ui').encode(input))) as Record<string, unknown>;
}

function messagesOf(
  ...messages: Message[]
): { id: string; role: string; parts: Record<string, unknown>[] }[] {
  return encode({ messages })['messages'] as ReturnType<typeof messagesOf>;
}

function partsOf(...parts: MessagePart[]): Record<string, unknown>[] {
  return messagesOf(assistant('a', ...parts))[0]?.parts ?? [];
}

function tool(fields: Partial<ToolPart> = {}): ToolPart {
  return answeredCall({ result: { ok: true }, ...fields });
}

function assistant(id: string, ...parts: MessagePart[]): Message {
  return { id, role: 'assistant', parts };
}

function user(id: string, text: string): Message {
  return { id, role: 'user', parts: [{ type: 'text', text }] };
}

function kept(value: unknown): MessagePart {
  return { type: 'opaque', dialect: 'ai-sdk-ui', value };
}

const step = { type: 'step-start' };
const output = {
  type: 'tool-f',
  toolCallId: 'c1',
  input: { a: 1 },
  state: 'output-available',
  output: { ok: true },
};

describe('the request of ai-sdk-ui', () => {
  it('has the conversation as UI messages, and the rest beside it', () => {
    assert.deepEqual(
      encode({
        model: 'm',
        system: 'Be brief.',
        messages: [user('u', 'Hello')],
        tools: [{ name: 'f', description: 'F' }],
        body: { model: 'n', webSearch: true },
      }),
      {
        id: 'conv',
        messages: [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
        trigger: 'submit-message',
        model: 'n',
        system: 'Be brief.',
        tools: { f: { description: 'F', parameters: { type: 'object', properties: {} } } },
        webSearch: true,
      },
    );
  });

  it('has the text of system messages beside the conversation, where servers refuse them', () => {
    const system: Message = { id: 's', role: 'system', parts: [{ type: 'text', text: 'Be kind.' }] };
    const { messages, system: text } = encode({
      system: 'Be brief.',
      messages: [system, user('u', 'Hello')],
    });
    assert.equal(text, 'Be brief.\n\nBe kind.');
    assert.deepEqual(messages, [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] }]);
  });

  it('sends files with an address, made of their bytes where they have none', () => {
    const message: Message = {
      id: 'u',
      role: 'user',
      parts: [
        { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
        { type: 'file', url: 'data:text/csv,%41', mediaType: 'text/csv' },
        { type: 'file', data: 'QQ==', mediaType: 'application/pdf', name: 'a.pdf' },
      ],
    };
    assert.deepEqual(messagesOf(message)[0]?.parts, [
      { type: 'file', mediaType: 'image/png', url: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'text/csv', url: 'data:text/csv;base64,QQ==' },
      {
        type: 'file',
        mediaType: 'application/pdf',
        url: 'data:application/pdf;base64,QQ==',
        filename: 'a.pdf',
      },
    ]);
  });

  it('puts the results of calls into their parts, and what follows into another step', () => {
    assert.deepEqual(
      partsOf(
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Let me see.' },
        tool(),
        tool({ id: 'c2', state: 'failed', result: 'No.' }),
        { type: 'source', id: 's', url: 'https://a.example' },
        { type: 'text', text: 'Done.' },
      ),
      [
        step,
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Let me see.' },
        output,
        { type: 'tool-f', toolCallId: 'c2', input: { a: 1 }, state: 'output-error', errorText: 'No.' },
        step,
        { type: 'text', text: 'Done.' },
      ],
    );
  });

  it('keeps tools of the provider in their step, and leaves out calls that never became whole', () => {
    assert.deepEqual(
      partsOf(tool({ by: 'server' }), tool({ id: 'c2', state: 'preparing' }), { type: 'text', text: 'a' }),
      [step, { ...output, providerExecuted: true }, { type: 'text', text: 'a' }],
    );
  });

  it('makes one message of all the answers to a question, and names it as the one that goes on', () => {
    const messages = [
      user('u', 'Hello'),
      assistant('a', tool()),
      assistant('b', { type: 'text', text: 'Done.' }),
    ];
    const body = encode({ messages });
    assert.deepEqual(body['messages'], [
      { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      { id: 'a', role: 'assistant', parts: [step, output, step, { type: 'text', text: 'Done.' }] },
    ]);
    assert.equal(body['messageId'], 'a');
  });

  it('calls an answer by the id that the endpoint gave it', () => {
    const [message] = messagesOf(
      assistant('a', kept({ type: 'message', id: 'msg-1' }), { type: 'text', text: 'a' }),
    );
    assert.equal(message?.id, 'msg-1');
  });

  it('puts the result of a tool message into the call that it answers', () => {
    const answer: Message = { id: 't', role: 'tool', parts: [tool()] };
    const [message, ...others] = messagesOf(
      assistant('a', tool({ state: 'running', result: undefined })),
      answer,
    );
    assert.deepEqual(message?.parts, [step, output]);
    assert.deepEqual(others, []);
  });

  it('closes a call that nobody answered before the conversation went on', () => {
    const open = assistant('a', tool({ state: 'running', result: undefined }));
    assert.equal(messagesOf(open)[0]?.parts[1]?.['state'], 'input-available');
    const closed = messagesOf(open, user('u', 'More'))[0]?.parts[1];
    assert.equal(closed?.['state'], 'output-error');
    assert.equal(typeof closed?.['errorText'], 'string');
  });

  it('leaves out messages without parts', () => {
    assert.deepEqual(messagesOf(assistant('a'), { id: 'u', role: 'user', parts: [] }), []);
  });
});

describe('what goes back to an endpoint of ai-sdk-ui as it came', () => {
  const metadata = { openai: { itemId: 'i' } };

  it('gives words their metadata back, part by part', () => {
    assert.deepEqual(
      partsOf(
        { type: 'reasoning', text: 'onetwo' },
        kept({ type: 'reasoning', text: 'one', providerMetadata: metadata }),
        kept({ type: 'reasoning', text: '', providerMetadata: metadata }),
        { type: 'text', text: 'xab' },
        kept({ type: 'text', text: 'a', providerMetadata: metadata }),
      ),
      [
        step,
        { type: 'reasoning', text: 'one', providerMetadata: metadata },
        { type: 'reasoning', text: 'two' },
        { type: 'reasoning', text: '', providerMetadata: metadata },
        { type: 'text', text: 'x' },
        { type: 'text', text: 'a', providerMetadata: metadata },
        { type: 'text', text: 'b' },
      ],
    );
  });

  it('leaves metadata out of words that the page has changed', () => {
    assert.deepEqual(
      partsOf(
        { type: 'text', text: 'changed' },
        kept({ type: 'text', text: 'as it was', providerMetadata: metadata }),
      ),
      [step, { type: 'text', text: 'changed' }],
    );
  });

  it('completes tool parts', () => {
    assert.deepEqual(
      partsOf(
        kept({ type: 'tool', toolCallId: 'c1', dynamic: true, callProviderMetadata: metadata }),
        tool(),
        kept({ type: 'tool', toolCallId: 'c1', resultProviderMetadata: metadata }),
      ),
      [
        step,
        {
          ...output,
          type: 'dynamic-tool',
          toolName: 'f',
          callProviderMetadata: metadata,
          resultProviderMetadata: metadata,
        },
      ],
    );
  });

  it('gives custom parts and the metadata of files back, but nothing of a step that was started over', () => {
    const custom = (kind: string): MessagePart => kept({ type: 'custom', kind, providerMetadata: metadata });
    assert.deepEqual(
      partsOf(
        custom('x.1'),
        { type: 'file', url: 'https://a.example/a.png', mediaType: 'image/png' },
        kept({ type: 'file', providerMetadata: metadata }),
        custom('x.2'),
        kept({ type: 'reset-step', dropped: 1 }),
        custom('x.3'),
      ),
      [
        step,
        { type: 'custom', kind: 'x.1', providerMetadata: metadata },
        { type: 'file', mediaType: 'image/png', url: 'https://a.example/a.png', providerMetadata: metadata },
        { type: 'custom', kind: 'x.3', providerMetadata: metadata },
      ],
    );
  });

  it('leaves the opaque parts of other dialects alone', () => {
    assert.deepEqual(
      partsOf({ type: 'opaque', dialect: 'other', value: { type: 'custom' } }, { type: 'text', text: 'a' }),
      [step, { type: 'text', text: 'a' }],
    );
  });
});

describe('approvals of ai-sdk-ui', () => {
  const asked = kept({ type: 'tool', toolCallId: 'c1', approval: { id: 'q', signature: 's' } });

  function stateOf(part: ToolPart, ...next: Message[]): Record<string, unknown> {
    const {
      type: _,
      toolCallId: __,
      input: ___,
      ...state
    } = messagesOf(assistant('a', part, asked), ...next)[0]?.parts[1] ?? {};
    return state;
  }

  it('answers the question while the endpoint waits for it', () => {
    assert.deepEqual(stateOf(tool({ result: { approved: true } })), {
      state: 'approval-responded',
      approval: { id: 'q', signature: 's', approved: true },
    });
    assert.deepEqual(stateOf(tool({ result: { approved: false, reason: 'No.' } })), {
      state: 'approval-responded',
      approval: { id: 'q', signature: 's', approved: false, reason: 'No.' },
    });
  });

  it('still asks while nobody has answered, and refuses when nobody will', () => {
    assert.deepEqual(stateOf(tool({ state: 'running' })), {
      state: 'approval-requested',
      approval: { id: 'q', signature: 's' },
    });
    assert.deepEqual(stateOf(tool({ state: 'failed', result: 'Too late.' }), user('u', 'More')), {
      state: 'output-denied',
      approval: { id: 'q', signature: 's', approved: false, reason: 'Too late.' },
    });
  });

  it('takes any other result for that of a tool that was allowed to run', () => {
    assert.deepEqual(stateOf(tool()), {
      state: 'output-available',
      output: { ok: true },
      approval: { id: 'q', signature: 's', approved: true },
    });
  });

  it('leaves no call open behind which the conversation went on', () => {
    assert.equal(stateOf(tool({ result: true }), user('u', 'More'))['state'], 'output-available');
    assert.equal(stateOf(tool({ result: false }), user('u', 'More'))['state'], 'output-denied');
    assert.equal(stateOf(tool({ state: 'running' }), user('u', 'More'))['state'], 'output-denied');
  });
});
