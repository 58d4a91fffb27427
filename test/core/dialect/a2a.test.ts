import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { assistant, decodeAs, detected, encodeAs, frame, opaque, user } from '../../support/dialect.js';
import { readAnswer } from '../../support/wire.js';

function decode(...frames: Frame[]): StreamEvent[] {
  return decodeAs('a2a', ...frames);
}

function rpc(result: object): Frame {
  return frame({ jsonrpc: '2.0', id: 1, result });
}

const ids = { taskId: 't1', contextId: 'c1' };

function artifact(text: string, fields: object = {}, id = 'a1'): Frame {
  return rpc({
    kind: 'artifact-update',
    ...ids,
    artifact: { artifactId: id, parts: [{ kind: 'text', text }] },
    ...fields,
  });
}

function status(state: string, text?: string, fields: object = { final: true }): Frame {
  const message = text === undefined ? {} : { message: { role: 'agent', parts: [{ kind: 'text', text }] } };
  return rpc({ kind: 'status-update', ...ids, status: { state, ...message }, ...fields });
}

function status1(state: string, text?: string): Frame {
  const message = text === undefined ? {} : { message: { role: 'ROLE_AGENT', parts: [{ text }] } };
  return rpc({ statusUpdate: { ...ids, status: { state, ...message } } });
}

describe('a2a', () => {
  it('appends artifacts, and replaces them where it is told to', () => {
    const answer = readAnswer(
      decode(
        artifact('One'),
        artifact(' two', { append: true, lastChunk: true }),
        artifact(' Three', {}, 'a2'),
        artifact('1'),
        status('completed'),
      ),
    );
    assert.equal(answer.text, '1 Three');
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'stop', complete: true, origin: 'completed' }]);
  });

  it('takes status messages for progress', () => {
    const events = decode(
      status('working', 'Looking', { final: false }),
      artifact('a'),
      status('completed', 'Bye'),
    );
    assert.equal(readAnswer(events).text, 'a');
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'data' ? event.name : [])),
      ['status', 'status'],
    );
  });

  it('takes the message of a completed task for the answer when there is no other', () => {
    assert.equal(readAnswer(decode(status('completed', 'All done.'))).text, 'All done.');
  });

  it('keeps the task that waits for input', () => {
    const events = decode(status1('TASK_STATE_INPUT_REQUIRED', 'Which city?'));
    assert.equal(readAnswer(events).text, 'Which city?');
    assert.deepEqual(
      events.filter(({ type }) => type === 'opaque' || type === 'start'),
      [
        { type: 'start', streamId: 't1' },
        { type: 'opaque', dialect: 'a2a', value: { contextId: 'c1' } },
        { type: 'opaque', dialect: 'a2a', value: { taskId: 't1' } },
      ],
    );
    assert.equal(readAnswer(events).done[0]?.reason, 'stop');
  });

  it('goes on behind a question that is not final', () => {
    const answer = readAnswer(
      decode(status('input-required', 'Sure?', { final: false }), artifact('a'), status('completed')),
    );
    assert.equal(answer.text, 'a');
  });

  it('reports failed, rejected and canceled tasks', () => {
    const failed = readAnswer(decode(status1('TASK_STATE_REJECTED', 'Not allowed.')));
    assert.deepEqual([failed.errors[0]?.message, failed.done[0]?.reason], ['Not allowed.', 'error']);
    const bare = readAnswer(decode(status('failed')));
    assert.equal(bare.errors.length, 1);
    assert.equal(readAnswer(decode(status('canceled'))).done[0]?.reason, 'aborted');
  });

  it('reads a whole task: artifacts and state, but not the history', () => {
    const task = {
      id: 't1',
      contextId: 'c1',
      kind: 'task',
      status: { state: 'completed' },
      history: [{ role: 'agent', parts: [{ kind: 'text', text: 'old' }] }],
      artifacts: [{ artifactId: 'a', parts: [{ kind: 'text', text: 'new' }] }],
    };
    assert.equal(readAnswer(decode(rpc(task))).text, 'new');
    assert.equal(readAnswer(decode(rpc({ task: { ...task, kind: undefined } }))).text, 'new');
  });

  it('reads files and data of both versions', () => {
    const events = decode(
      rpc({
        artifactUpdate: {
          ...ids,
          artifact: {
            artifactId: 'a',
            name: 'report',
            parts: [
              { url: 'https://a.example/a.pdf' },
              { raw: 'AAAA', mediaType: 'image/png', filename: 'a.png' },
              { kind: 'file', file: { bytes: 'BBBB', mimeType: 'image/gif' } },
              { data: { rows: 1 } },
            ],
          },
        },
      }),
    );
    assert.deepEqual(
      events.filter(({ type }) => type === 'file' || type === 'data'),
      [
        { type: 'file', url: 'https://a.example/a.pdf', mediaType: 'application/pdf' },
        { type: 'file', data: 'AAAA', mediaType: 'image/png', name: 'a.png' },
        { type: 'file', data: 'BBBB', mediaType: 'image/gif' },
        { type: 'data', name: 'report', value: { rows: 1 } },
      ],
    );
  });

  it('reads errors of JSON-RPC, under a name or not', () => {
    const error = { jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'Task not found' } };
    for (const event of ['', 'error']) {
      const answer = readAnswer(decode(artifact('a'), frame(error, { event })));
      assert.deepEqual(
        answer.errors.map(({ message, origin }) => [message, origin?.code]),
        [['Task not found', -32001]],
      );
      assert.equal(answer.done[0]?.reason, 'error');
    }
  });

  it('is not complete when a task just stops', () => {
    const answer = readAnswer(decode(status('working', undefined, { final: false }), artifact('a')));
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'unknown', complete: false }]);
  });

  it('is told apart from MCP, and without JSON-RPC from a homemade message', () => {
    assert.equal(detected(artifact('a')), 'a2a');
    assert.equal(
      detected(frame({ message: { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'a' }] } })),
      'a2a',
    );
    assert.equal(detected(rpc({ content: [] })), 'mcp');
    assert.equal(detected(frame({ message: { text: 'a' } })), 'plain');
  });
});

describe('the request of a2a', () => {
  const file = { type: 'file', mediaType: 'image/png', data: 'AAAA', name: 'a.png' } as const;
  const history = [
    user('Hi'),
    assistant('Which?', opaque('a2a', { contextId: 'c1' }), opaque('a2a', { taskId: 't1' })),
    user([{ type: 'text', text: 'This' }, file], 'u2'),
  ];

  it('sends what is new to the task that waits, as v1.0 does', () => {
    assert.deepEqual(encodeAs('a2a', history), {
      jsonrpc: '2.0',
      id: 'u2',
      method: 'SendStreamingMessage',
      params: {
        message: {
          messageId: 'u2',
          role: 'ROLE_USER',
          parts: [{ text: 'This' }, { raw: 'AAAA', mediaType: 'image/png', filename: 'a.png' }],
          contextId: 'c1',
          taskId: 't1',
        },
      },
    });
    assert.deepEqual(getDialect('a2a').headers, { 'a2a-version': '1.0' });
  });

  it('asks as v0.3 does when the page names its method', () => {
    const { method, params } = encodeAs('a2a', history, { body: { method: 'message/stream' } });
    assert.equal(method, 'message/stream');
    assert.deepEqual(params, {
      message: {
        kind: 'message',
        messageId: 'u2',
        role: 'user',
        parts: [
          { kind: 'text', text: 'This' },
          { kind: 'file', file: { bytes: 'AAAA', mimeType: 'image/png', name: 'a.png' } },
        ],
        contextId: 'c1',
        taskId: 't1',
      },
    });
  });

  it('keeps the context and leaves a task that has ended', () => {
    const { params } = encodeAs('a2a', [...history, assistant('Done.'), user('Thanks', 'u3')]);
    assert.deepEqual(params, {
      message: { messageId: 'u3', role: 'ROLE_USER', parts: [{ text: 'Thanks' }], contextId: 'c1' },
    });
  });
});
