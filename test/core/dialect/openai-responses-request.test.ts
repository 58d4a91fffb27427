import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, reduceMessage, type Message, type RunInput } from '../../../src/core/index.js';
import {
  added,
  args,
  call,
  completed,
  created,
  decode,
  done,
  said,
  text,
  type Json,
} from '../../support/responses.js';

const question: Message = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

function encode(fields: Partial<RunInput>): Json {
  return getDialect('openai-responses').encode({
    conversationId: 'conv',
    messages: [],
    tools: [],
    ...fields,
  });
}

/** The message that a stream becomes. */
function answerOf(...frames: Json[]): Message {
  const empty: Message = { id: 'm', role: 'assistant', parts: [] };
  return decode(...frames).reduce(reduceMessage, empty);
}

describe('the request of openai-responses', () => {
  it('has instructions, items and flat tools', () => {
    const inputSchema = { type: 'object', properties: { a: { type: 'number' } } };
    const tools = [{ name: 'f', description: 'F', inputSchema }];
    assert.deepEqual(encode({ model: 'm', system: 'Be brief.', messages: [question], tools }), {
      model: 'm',
      instructions: 'Be brief.',
      input: [{ role: 'user', content: 'Hello' }],
      stream: true,
      tools: [{ type: 'function', name: 'f', description: 'F', parameters: inputSchema, strict: false }],
    });
  });

  it('lets the fields of the page win', () => {
    assert.deepEqual(encode({ model: 'm', body: { model: 'n', store: false } }), {
      model: 'n',
      input: [],
      stream: true,
      store: false,
    });
  });

  it('has images and files of the user as content', () => {
    const parts: Message['parts'] = [
      { type: 'text', text: 'Look' },
      { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
      { type: 'file', data: 'QQ==', mediaType: 'image/jpeg' },
      { type: 'file', url: 'data:image/svg+xml,%41', mediaType: 'image/svg+xml' },
      { type: 'file', data: 'QQ==', mediaType: 'application/pdf', name: 'a.pdf' },
      { type: 'file', url: 'https://example.com/b.pdf', mediaType: 'application/pdf' },
    ];
    assert.deepEqual(encode({ messages: [{ ...question, parts }] })['input'], [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look' },
          { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
          { type: 'input_image', image_url: 'data:image/jpeg;base64,QQ==', detail: 'auto' },
          { type: 'input_image', image_url: 'data:image/svg+xml;base64,QQ==', detail: 'auto' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==' },
          { type: 'input_file', file_url: 'https://example.com/b.pdf' },
        ],
      },
    ]);
  });

  it('sends an answer of another endpoint as words, calls and outputs', () => {
    const answer: Message = {
      id: 'm',
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Let me see.' },
        {
          type: 'tool',
          id: 'c1',
          name: 'f',
          by: 'client',
          state: 'done',
          argsText: '{"a":1}',
          args: { a: 1 },
          result: { b: 2 },
        },
        { type: 'opaque', dialect: 'anthropic', value: { block: { type: 'thinking' } } },
        { type: 'text', text: 'Done.' },
      ],
    };
    assert.deepEqual(encode({ messages: [answer] })['input'], [
      { role: 'assistant', content: 'Let me see.' },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: '{"b":2}' },
      { role: 'assistant', content: 'Done.' },
    ]);
  });

  const reasoning = (id: string): Json => ({ type: 'reasoning', id, summary: [], encrypted_content: 'x' });
  const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } };
  const loop = [
    created,
    done(0, reasoning('rs_1')),
    text('First.', 1),
    done(1, said('First.', { id: 'msg_1', phase: 'commentary' })),
    done(2, search),
    done(3, reasoning('rs_2')),
    text('Then.', 4),
    done(4, said('Then.', { id: 'msg_2' })),
    done(5, reasoning('rs_3')),
    text('Last.', 6),
    done(6, said('Last.', { id: 'msg_3' })),
    done(7, call('c1', { arguments: '{}', namespace: 'n' })),
  ];
  const message = (id: string, words: string, more: Json = {}): Json => ({
    type: 'message',
    role: 'assistant',
    status: 'completed',
    id,
    ...more,
    content: [{ type: 'output_text', text: words, annotations: [] }],
  });

  it('puts what the endpoint wants back in its place', () => {
    const answer = reduceMessage(answerOf(...loop, completed), {
      type: 'tool_result',
      by: 'client',
      id: 'c1',
      result: 'ok',
    });
    assert.deepEqual(encode({ messages: [question, answer] })['input'], [
      { role: 'user', content: 'Hello' },
      reasoning('rs_1'),
      message('msg_1', 'First.', { phase: 'commentary' }),
      search,
      reasoning('rs_2'),
      message('msg_2', 'Then.'),
      reasoning('rs_3'),
      message('msg_3', 'Last.'),
      { type: 'function_call', id: 'fc_c1', call_id: 'c1', name: 'f', namespace: 'n', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'ok' },
    ]);
  });

  it('has of items that the endpoint did not keep no id but that of reasoning, and nothing that is only an id', () => {
    const bare = { type: 'reasoning', id: 'rs_0', summary: [] };
    const end = { ...completed, response: { id: 'resp_1', status: 'completed', store: false } };
    const answer = answerOf(
      created,
      done(0, bare),
      done(1, reasoning('rs_1')),
      done(2, { type: 'image_generation_call', id: 'ig_1', result: 'AA==' }),
      text('a', 3),
      done(3, said('a')),
      end,
    );
    assert.deepEqual(encode({ messages: [answer] })['input'], [
      reasoning('rs_1'),
      { role: 'assistant', content: 'a' },
    ]);
  });

  it('refers to images by their id', () => {
    const image = { type: 'image_generation_call', id: 'ig_1', result: 'AA==' };
    const answer = answerOf(created, done(0, image), completed);
    assert.deepEqual(encode({ messages: [answer] })['input'], [{ type: 'item_reference', id: 'ig_1' }]);
  });

  it('has the encrypted reasoning in its place although it came at the end', () => {
    const { encrypted_content: _, ...early } = reasoning('rs_1');
    const response = { id: 'resp_1', status: 'completed', output: [reasoning('rs_1'), said('a')] };
    const answer = answerOf(created, done(0, early), text('a', 1), done(1, said('a')), {
      ...completed,
      response,
    });
    assert.deepEqual(encode({ messages: [answer] })['input'], [reasoning('rs_1'), message('msg_1', 'a')]);
  });

  it('leaves out reasoning that led to nothing', () => {
    const answer = answerOf(created, done(0, reasoning('rs_1')), added(1, call('c1')), args('{"a', 1));
    assert.deepEqual(encode({ messages: [question, answer] })['input'], [{ role: 'user', content: 'Hello' }]);
  });

  it('leaves out calls for somebody else that have no output, and the reasoning before them', () => {
    const shell = { type: 'shell_call', id: 'sh_1', call_id: 's1', action: { commands: ['ls'] } };
    const answer = answerOf(created, done(0, reasoning('rs_1')), done(1, shell), completed);
    assert.deepEqual(encode({ messages: [answer] })['input'], []);
    const output = { type: 'shell_call_output', id: 'sho_1', call_id: 's1', output: [] };
    const both = answerOf(created, done(0, reasoning('rs_1')), done(1, shell), done(2, output), completed);
    assert.deepEqual(encode({ messages: [both] })['input'], [reasoning('rs_1'), shell, output]);
  });

  it('answers a question of the endpoint’s own tools', () => {
    const asked = {
      type: 'mcp_approval_request',
      id: 'mcpr_1',
      name: 'f',
      server_label: 's',
      arguments: '{}',
    };
    const open = answerOf(created, done(0, asked), completed);
    assert.deepEqual(encode({ messages: [open] })['input'], []);
    for (const [result, response] of [
      ['approve', { approve: true }],
      [true, { approve: true }],
      ['deny', { approve: false }],
      [
        { approve: false, reason: 'No' },
        { approve: false, reason: 'No' },
      ],
    ]) {
      const answer = reduceMessage(open, { type: 'tool_result', id: 'mcpr_1', result });
      assert.deepEqual(encode({ messages: [answer] })['input'], [
        asked,
        { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', ...(response as Json) },
      ]);
    }
  });

  it('sends the free text of a custom tool back as such', () => {
    const item = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c1', name: 'sql', input: '{"a":1}' };
    const answer = reduceMessage(answerOf(created, done(0, item), completed), {
      type: 'tool_result',
      by: 'client',
      id: 'c1',
      result: 'ok',
    });
    assert.deepEqual(encode({ messages: [answer] })['input'], [
      item,
      { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' },
    ]);
  });

  it('sends only what is new to an endpoint that keeps the conversation', () => {
    const answer = reduceMessage(answerOf(...loop, completed), {
      type: 'tool_result',
      by: 'client',
      id: 'c1',
      result: 'ok',
    });
    const output = { type: 'function_call_output', call_id: 'c1', output: 'ok' };
    const messages = [question, answer];
    assert.deepEqual(encode({ messages, body: { conversation: 'conv_1' } })['input'], [output]);
    assert.deepEqual(encode({ messages, body: { previous_response_id: 'resp_1' } })['input'], [output]);
    const elsewhere = encode({ messages, body: { previous_response_id: 'resp_0' } });
    assert.deepEqual(elsewhere['input'], encode({ messages })['input']);
  });
});
