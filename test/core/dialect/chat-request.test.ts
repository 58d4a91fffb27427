import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Message, type RunInput } from '../../../src/core/index.js';
import { requestDialect } from '../../../src/core/dialect/registry.js';
import { answeredCall } from '../../support/dialect.js';

function input(fields: Partial<RunInput> = {}): RunInput {
  return { conversationId: 'conv', messages: [], tools: [], ...fields };
}

function encode(fields: Partial<RunInput>): Record<string, unknown> {
  return getDialect('openai-chat').encode(input(fields));
}

function assistant(...parts: Message['parts']): Message {
  return { id: 'm', role: 'assistant', parts };
}

const hello: Message = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

describe('the request of openai-chat', () => {
  it('has the system text first and no field that OpenAI does not know', () => {
    assert.deepEqual(encode({ model: 'm', system: 'Be brief.', messages: [hello] }), {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('offers tools', () => {
    const inputSchema = { type: 'object', properties: { a: { type: 'number' } } };
    assert.deepEqual(
      encode({
        tools: [
          { name: 'f', description: 'F', inputSchema },
          { name: 'g', description: 'G' },
        ],
      })['tools'],
      [
        { type: 'function', function: { name: 'f', description: 'F', parameters: inputSchema } },
        {
          type: 'function',
          function: { name: 'g', description: 'G', parameters: { type: 'object', properties: {} } },
        },
      ],
    );
  });

  it('lets the fields of the page win', () => {
    const body = encode({ model: 'm', body: { model: 'n', temperature: 0, stream_options: undefined } });
    assert.deepEqual(JSON.parse(JSON.stringify(body)), {
      model: 'n',
      messages: [],
      stream: true,
      temperature: 0,
    });
  });

  it('sends calls back with their results right behind them', () => {
    const message = assistant(
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Let me see.' },
      answeredCall(),
      answeredCall({ id: 'c2', argsText: '', args: {}, result: { b: [2] } }),
      { type: 'text', text: 'Done.' },
    );
    assert.deepEqual(encode({ messages: [message] })['messages'], [
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      { role: 'tool', tool_call_id: 'c2', content: '{"b":[2]}' },
      { role: 'assistant', content: 'Done.' },
    ]);
  });

  it('closes a call without a result as an error', () => {
    const { result: _, ...open } = answeredCall({ state: 'running' });
    const [call, result] = encode({ messages: [assistant(open)] })['messages'] as Record<string, unknown>[];
    assert.equal(call?.['content'], null);
    assert.match(String(result?.['content']), /^Error: /);
  });

  it('leaves out calls that never became whole, calls of the server, and answers without words', () => {
    const messages = [
      assistant(answeredCall({ state: 'preparing', argsText: '{"a' })),
      assistant(answeredCall({ by: 'server' })),
      assistant(),
    ];
    assert.deepEqual(encode({ messages })['messages'], []);
  });

  it('sends images as image_url, by address or as data, and other files as files', () => {
    const message: Message = {
      ...hello,
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
        { type: 'file', data: 'QQ==', mediaType: 'image/jpeg' },
        { type: 'file', data: 'QQ==', mediaType: 'application/pdf', name: 'a.pdf' },
      ],
    };
    const [encoded] = encode({ messages: [message] })['messages'] as Record<string, unknown>[];
    assert.deepEqual(encoded?.['content'], [
      { type: 'text', text: 'Look' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,QQ==' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==' } },
    ]);
  });
});

describe('sounds and addresses of openai-chat', () => {
  function filesOf(...parts: Message['parts']): unknown {
    const [encoded] = encode({ messages: [{ ...hello, parts }] })['messages'] as Record<string, unknown>[];
    return encoded?.['content'];
  }

  it('sends sounds by their bytes as input_audio, where their format is one of the two', () => {
    assert.deepEqual(
      filesOf(
        { type: 'file', data: 'QQ==', mediaType: 'audio/wav' },
        { type: 'file', url: 'data:audio/mpeg;base64,Qg==', mediaType: 'audio/mpeg' },
        { type: 'file', data: 'QQ==', mediaType: 'audio/ogg' },
        { type: 'file', url: 'https://example.com/a.mp3', mediaType: 'audio/mpeg' },
      ),
      [
        { type: 'input_audio', input_audio: { data: 'QQ==', format: 'wav' } },
        { type: 'input_audio', input_audio: { data: 'Qg==', format: 'mp3' } },
        { type: 'file', file: { file_data: 'data:audio/ogg;base64,QQ==' } },
        { type: 'file', file: { file_data: 'https://example.com/a.mp3' } },
      ],
    );
  });

  it('sends bytes in base64, however their address has them', () => {
    assert.deepEqual(filesOf({ type: 'file', url: 'data:image/svg+xml,%41', mediaType: 'image/svg+xml' }), [
      { type: 'image_url', image_url: { url: 'data:image/svg+xml;base64,QQ==' } },
    ]);
  });
});

describe('other requests', () => {
  it('are of the same shape with the conversation id in the native dialect', () => {
    assert.deepEqual(getDialect('native').encode(input({ messages: [hello] })), {
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      conversationId: 'conv',
    });
  });

  it('ask as openai-chat does while the dialect is not known', () => {
    assert.equal(requestDialect('auto').name, 'openai-chat');
    assert.equal(requestDialect('native').name, 'native');
  });
});
