import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeAs, detected, encodeAs, frame, named, user } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

const result = (fields: object): object => ({ jsonrpc: '2.0', id: 1, result: fields });

describe('mcp', () => {
  it('reads text, files and links of a result, and ends with it', () => {
    const answer = readAnswer(
      decodeAs(
        'mcp',
        named(
          'message',
          result({
            content: [
              { type: 'text', text: 'a' },
              { type: 'image', data: 'AAAA', mimeType: 'image/png' },
              { type: 'resource_link', uri: 'https://a.example/', name: 'A' },
              { type: 'resource', resource: { uri: 'file:///b', mimeType: 'application/pdf', blob: 'BBBB' } },
            ],
          }),
        ),
        named('message', result({ content: [{ type: 'text', text: 'late' }] })),
      ),
    );
    assert.deepEqual([answer.text, answer.files, answer.sources], ['a', 2, ['https://a.example/']]);
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'stop', complete: true }]);
  });

  it('passes notifications on and asks what the server asks', () => {
    const events = decodeAs(
      'mcp',
      frame({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }),
      frame({ jsonrpc: '2.0', id: 7, method: 'elicitation/create', params: { message: 'Your name?' } }),
    );
    assert.deepEqual(events.slice(0, 2), [
      { type: 'data', name: 'notifications/progress', value: { progress: 1 } },
      {
        type: 'tool_approval',
        id: '7',
        name: 'elicitation',
        message: 'Your name?',
        options: ['accept', 'decline', 'cancel'],
      },
    ]);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'unknown', complete: false });
  });

  it('ends in an error with a tool that failed, and with a call that did', () => {
    const failed = readAnswer(
      decodeAs('mcp', frame(result({ isError: true, content: [{ type: 'text', text: 'No.' }] }))),
    );
    assert.deepEqual([failed.text, failed.done[0]?.reason], ['No.', 'error']);
    const error = { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Unknown tool' } };
    assert.equal(readAnswer(decodeAs('mcp', frame(error))).errors[0]?.origin?.code, -32602);
  });

  it('reads a batch to its end', () => {
    const notice = { jsonrpc: '2.0', method: 'notifications/message', params: {} };
    const events = decodeAs('mcp', frame([result({ content: [{ type: 'text', text: 'a' }] }), notice]));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['text', 'data', 'done'],
    );
  });

  it('is told by a notification as well', () => {
    assert.equal(detected(frame({ jsonrpc: '2.0', method: 'notifications/message' })), 'mcp');
  });

  it('calls a tool with what the user says, or as the page likes', () => {
    assert.deepEqual(encodeAs('mcp', [user('Hi')], { model: 'ask' }), {
      jsonrpc: '2.0',
      id: 'u1',
      method: 'tools/call',
      params: { name: 'ask', arguments: { message: 'Hi' } },
    });
    const params = { name: 'x', arguments: { q: 1 } };
    assert.deepEqual(encodeAs('mcp', [user('Hi')], { body: { params } })['params'], params);
  });
});
