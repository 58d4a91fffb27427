import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getDialect,
  streamEvents,
  type Frame,
  type Message,
  type StreamEvent,
} from '../../../src/core/index.js';
import {
  answeredCall,
  assistant,
  decodeAs,
  detected,
  encodeAs,
  frame,
  named,
  opaque,
  user,
} from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

const ids = { chat_id: 'chat', conversation_id: 'conv1', role: 'assistant', content_type: 'text' };

function delta(content: string, fields: object = {}): Frame {
  return named('conversation.message.delta', { id: 'm1', type: 'answer', content, ...ids, ...fields });
}

function completed(content: string, fields: object = {}): Frame {
  return named('conversation.message.completed', { id: 'm1', type: 'answer', content, ...ids, ...fields });
}

function chat(step: string, fields: object = {}): Frame {
  return named(`conversation.chat.${step}`, {
    id: 'chat',
    conversation_id: 'conv1',
    status: step,
    ...fields,
  });
}

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('coze', ...frames);
}

const finished = chat('completed', { usage: { token_count: 3, input_count: 1, output_count: 2 } });
const done = named('done', '"[DONE]"');

describe('coze', () => {
  it('reads deltas and takes the whole text behind them for what it is', () => {
    assert.deepEqual(decode(chat('created'), delta('a'), delta('b'), completed('ab'), finished, done), [
      { type: 'start', streamId: 'chat' },
      { type: 'opaque', dialect: 'coze', value: { conversationId: 'conv1' } },
      { type: 'text', content: 'a' },
      { type: 'text', content: 'b' },
      { type: 'usage', inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      { type: 'done', reason: 'stop', complete: true, origin: 'completed' },
    ]);
  });

  it('reads messages that come without deltas', () => {
    const parts = JSON.stringify([
      { type: 'text', text: 'Look' },
      { type: 'image', file_url: 'https://a.example/i.png' },
    ]);
    const answer = readAnswer(
      decode(completed('a'), completed(parts, { id: 'm2', content_type: 'object_string' }), finished, done),
    );
    assert.deepEqual([answer.text, answer.files], ['aLook', 1]);
  });

  it('reads reasoning once', () => {
    const answer = readAnswer(
      decode(
        delta('', { reasoning_content: 'hm' }),
        delta('a'),
        completed('a', { reasoning_content: 'hm' }),
        done,
      ),
    );
    assert.deepEqual([answer.reasoning, answer.text], ['hm', 'a']);
  });

  it('gives the calls and results of the bot, and its suggestions as data', () => {
    const events = decode(
      completed('{"name":"search","arguments":{"q":1}}', { id: 'f1', type: 'function_call' }),
      completed('found', { id: 'r1', type: 'tool_response' }),
      completed('And then?', { id: 's1', type: 'follow_up' }),
      completed('{"msg_type":"generate_answer_finish"}', { id: 'v1', type: 'verbose' }),
    );
    const answer = readAnswer(events);
    assert.deepEqual(answer.calls, [{ id: 'f1', name: 'search', args: { q: 1 } }]);
    assert.deepEqual(answer.toolResults, [{ id: 'f1', result: 'found', isError: false }]);
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'data' ? event.name : [])),
      ['follow_up', 'verbose'],
    );
  });

  it('hands calls of the page over', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    const answer = readAnswer(
      decode(
        chat('requires_action', {
          required_action: { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [call] } },
        }),
        done,
      ),
    );
    assert.deepEqual(answer.toolCalls, [{ id: 'c1', name: 'f', args: { a: 1 } }]);
    assert.deepEqual(answer.done, [
      { type: 'done', reason: 'tool_calls', complete: true, origin: 'requires_action' },
    ]);
  });

  it('reads errors of the stream, and those in place of one', () => {
    const answer = readAnswer(decode(delta('a'), named('error', { code: 4000, msg: 'Bad parameter' })));
    assert.deepEqual(
      answer.errors.map(({ message, origin }) => [message, origin?.code]),
      [['Bad parameter', 4000]],
    );
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
    const body = frame({ code: 4101, msg: 'Wrong token' }, { framing: 'json' });
    assert.equal(readAnswer(decode(body)).errors[0]?.origin?.code, 4101);
  });

  it('is aborted when the chat was canceled, and not complete without an end', () => {
    assert.equal(readAnswer(decode(delta('a'), chat('canceled'))).done[0]?.reason, 'aborted');
    assert.equal(readAnswer(decode(delta('a'))).done[0]?.complete, false);
  });

  it('is told by the names of its events', () => {
    assert.equal(detected(delta('a')), 'coze');
  });
});

describe('the request of coze', () => {
  const query = (messages: Message[]): unknown =>
    getDialect('coze').query?.({ conversationId: 'conv', tools: [], messages });

  it('sends what is new to the conversation that the URL names', () => {
    const image = { type: 'file', mediaType: 'image/png', url: 'https://a.example/i.png' } as const;
    const messages = [
      user('Hi'),
      assistant('Hello', opaque('coze', { conversationId: 'conv1' })),
      user([{ type: 'text', text: 'Look' }, image], 'u2'),
    ];
    assert.deepEqual(encodeAs('coze', messages, { model: 'bot', body: { user_id: 'me' } }), {
      bot_id: 'bot',
      user_id: 'me',
      stream: true,
      auto_save_history: true,
      additional_messages: [
        {
          role: 'user',
          type: 'question',
          content: '[{"type":"text","text":"Look"},{"type":"image","file_url":"https://a.example/i.png"}]',
          content_type: 'object_string',
        },
      ],
    });
    assert.deepEqual(query(messages), { conversation_id: 'conv1' });
  });

  it('sends the history to begin with', () => {
    const messages = [user('Hi'), assistant('Hello'), user('More', 'u2')];
    const { additional_messages } = encodeAs('coze', messages);
    assert.deepEqual(
      (additional_messages as { role: string; content: string }[]).map(({ role, content }) => [
        role,
        content,
      ]),
      [
        ['user', 'Hi'],
        ['assistant', 'Hello'],
        ['user', 'More'],
      ],
    );
    assert.deepEqual(query(messages), {});
  });

  it('hands in the results that a chat waits for', () => {
    const messages = [
      user('Hi'),
      assistant(
        opaque('coze', { conversationId: 'conv1' }),
        answeredCall(),
        opaque('coze', { waitingChatId: 'chat' }),
      ),
    ];
    assert.deepEqual(encodeAs('coze', messages), {
      tool_outputs: [{ tool_call_id: 'c1', output: 'ok' }],
      stream: true,
    });
    assert.deepEqual(query(messages), { conversation_id: 'conv1', chat_id: 'chat' });
  });

  it('puts the conversation into the query of the URL, beside what is there', async () => {
    const urls: string[] = [];
    const messages = [assistant('Hello', opaque('coze', { conversationId: 'conv1' })), user('More')];
    const answer = (url: RequestInfo | URL): Promise<Response> => {
      urls.push(new Request(url).url);
      return Promise.resolve(new Response('event: done\ndata: "[DONE]"\n\n'));
    };
    for await (const event of streamEvents('https://a.example/v3/chat?x=1', {
      dialect: 'coze',
      messages,
      fetch: answer,
    })) {
      assert.equal(event.type, 'done');
    }
    assert.deepEqual(urls, ['https://a.example/v3/chat?x=1&conversation_id=conv1']);
  });
});
