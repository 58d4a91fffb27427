import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../../src/core/conversation/conversation.js';
import {
  createSavedConversation,
  type KeepingProblem,
  type KeptConversation,
} from '../../../src/core/conversation/saved-conversation.js';
import type { Message, ToolPart } from '../../../src/core/model/index.js';
import { createMemoryStorage } from '../../support/memory-storage.js';

const message = (id: string, role: Message['role'], text = id): Message => ({
  id,
  role,
  parts: [{ type: 'text', text }],
  createdAt: '2026-01-01T00:00:00.000Z',
});
const keep = (messages: readonly Message[]): KeptConversation => ({
  conversationId: 'c',
  messages,
  isLeft: false,
});

function savedOver({ room = Infinity } = {}) {
  const storage = createMemoryStorage(room);
  const problems: KeepingProblem[] = [];
  const open = () => createSavedConversation(storage, 'a:b', (problem) => problems.push(problem));
  return { storage, problems, open, saved: open() };
}

describe('a conversation that is kept', () => {
  it('comes back as it was', () => {
    const { saved, open, problems } = savedOver();
    const tool: ToolPart = {
      type: 'tool',
      id: 't',
      name: 'add',
      by: 'client',
      state: 'waiting',
      argsText: '{}',
    };
    const messages = [message('1', 'user'), { ...message('2', 'assistant'), parts: [tool] }];
    const run = { messageId: '2', turns: 3, delivered: ['x'] };
    saved.write({ ...keep(messages), run, awaitsGoOn: true });
    assert.deepEqual(open().read(), { conversationId: 'c', messages, run, awaitsGoOn: true, isLeft: false });
    assert.deepEqual(problems, []);
  });

  it('costs what is new in it, however long it is', () => {
    const { saved, storage } = savedOver();
    const messages = Array.from({ length: 2000 }, (_, index) =>
      message(`${index}`, 'user', 'x'.repeat(1000)),
    );
    saved.write(keep(messages));
    storage.written = 0;
    saved.write(keep([...messages, message('new', 'user')]));
    assert.ok(storage.written < 500, `${storage.written} characters`);
  });

  it('is read, and then costs what is new in it', () => {
    const { saved, storage, open } = savedOver();
    saved.write(keep([message('1', 'user', 'x'.repeat(1000)), message('2', 'assistant')]));
    const later = open();
    const { messages } = later.read()!;
    storage.written = 0;
    later.write(keep([...messages, message('3', 'user')]));
    assert.ok(storage.written < 500, `${storage.written} characters`);
    assert.deepEqual(
      open()
        .read()!
        .messages.map(({ id }) => id),
      ['1', '2', '3'],
    );
  });

  it('follows messages that come before, change, and go', () => {
    const { saved, storage, open } = savedOver();
    const ids = () =>
      open()
        .read()
        ?.messages.map(({ id, parts }) => `${id}${(parts[0] as { text: string }).text}`);
    const [a, b, c] = [message('a', 'user', ''), message('b', 'assistant', ''), message('c', 'user', '')];
    saved.write(keep([b, c]));
    saved.write(keep([a, b, c]));
    assert.deepEqual(ids(), ['a', 'b', 'c']);
    saved.write(keep([a, message('b', 'assistant', '!')]));
    assert.deepEqual(ids(), ['a', 'b!']);
    assert.equal(storage.length, 3);
    saved.write(keep([c]));
    assert.deepEqual(ids(), ['c']);
    assert.equal(storage.length, 2);
    saved.erase();
    assert.equal(storage.length, 0);
    assert.equal(ids(), undefined);
  });

  it('shares a storage with others, and with a draft', () => {
    const { saved, storage } = savedOver();
    const other = createSavedConversation(storage, 'a', () => {});
    storage.setItem(saved.draftKey, 'draft');
    saved.write(keep([message('1', 'user')]));
    other.write(keep([message('2', 'user')]));
    other.erase();
    assert.deepEqual(
      saved.read()!.messages.map(({ id }) => id),
      ['1'],
    );
    saved.erase();
    assert.equal(storage.getItem(saved.draftKey), 'draft');
  });

  it('lets its oldest questions go where there is no room, and says so', () => {
    const { saved, open, problems } = savedOver({ room: 3000 });
    const messages: Message[] = [];
    for (let index = 0; index < 10; index += 1) {
      messages.push(message(`q${index}`, 'user'), message(`a${index}`, 'assistant', 'x'.repeat(400)));
      saved.write(keep([...messages]));
    }
    const kept = open().read()!.messages;
    assert.ok(kept.length >= 4 && kept.length < 20);
    assert.deepEqual(kept, messages.slice(-kept.length));
    assert.equal(kept[0]!.role, 'user');
    assert.ok(problems.includes('full'));
  });

  it('is not kept at all where there is no room for the newest question', () => {
    const { saved, storage, problems, open } = savedOver({ room: 500 });
    saved.write(keep([message('1', 'user')]));
    saved.write(keep([message('1', 'user'), message('2', 'assistant', 'x'.repeat(1000))]));
    assert.equal(storage.length, 0);
    assert.deepEqual(problems, ['full']);
    saved.write(keep([message('3', 'user')]));
    assert.equal(open().read(), undefined);
    saved.erase();
    saved.write(keep([message('4', 'user')]));
    assert.equal(open().read()!.messages.length, 1);
  });

  it('is whole again after somebody else has emptied the storage', () => {
    const { saved, storage, open } = savedOver();
    const messages = [message('1', 'user'), message('2', 'assistant')];
    saved.write(keep(messages));
    for (const key of Array.from({ length: storage.length }, (_, index) => storage.key(index)!)) {
      storage.removeItem(key);
    }
    saved.write(keep(messages));
    assert.deepEqual(open().read()!.messages, messages);
  });

  it('offers no way to take back what a page did that is gone', () => {
    const { saved, open } = savedOver();
    const tool: ToolPart = {
      type: 'tool',
      id: 't',
      name: 'add',
      by: 'client',
      state: 'done',
      argsText: '',
      canUndo: true,
    };
    saved.write(keep([{ ...message('1', 'assistant'), parts: [tool] }]));
    const conversation = new Conversation();
    conversation.replace(open().read()!.messages);
    assert.equal(conversation.findTool('t')?.tool.canUndo, undefined);
  });
});

describe('what is kept and is no conversation', () => {
  const head = { version: 1, conversationId: 'c', first: 0, end: 1, revision: 1, isLeft: true };
  const cases: Record<string, readonly [unknown, unknown]> = {
    'a number': [7, message('1', 'user')],
    'another version': [{ ...head, version: 2 }, message('1', 'user')],
    'more messages than there are': [{ ...head, end: 1e9 }, message('1', 'user')],
    'a run of another shape': [{ ...head, run: { messageId: 1 } }, message('1', 'user')],
    'a message that is none': [head, 'hello'],
    'a message of nobody': [head, { ...message('1', 'user'), role: 'root' }],
    'a part of no known type': [head, { ...message('1', 'user'), parts: [{ type: 'html', text: '' }] }],
    'a text that is none': [head, { ...message('1', 'user'), parts: [{ type: 'text', text: {} }] }],
    'a call in no known state': [
      head,
      {
        ...message('1', 'user'),
        parts: [{ type: 'tool', id: '', name: '', by: '', argsText: '', state: 'x' }],
      },
    ],
  };
  for (const [name, [headValue, messageValue]] of Object.entries(cases)) {
    it(`is ignored, and overwritten: ${name}`, () => {
      const { saved, storage, problems, open } = savedOver();
      storage.setItem(saved.headKey, JSON.stringify(headValue));
      storage.setItem(`${saved.headKey}:0`, JSON.stringify(messageValue));
      storage.setItem(`${saved.headKey}:5`, 'left behind');
      assert.equal(saved.read(), undefined);
      assert.deepEqual(problems, ['foreign']);
      saved.write(keep([message('new', 'user')]));
      assert.deepEqual(
        open()
          .read()!
          .messages.map(({ id }) => id),
        ['new'],
      );
      assert.equal(storage.length, 2);
    });
  }

  it('is ignored where it is no JSON', () => {
    const { saved, storage, problems } = savedOver();
    storage.setItem(saved.headKey, '{');
    assert.equal(saved.read(), undefined);
    assert.deepEqual(problems, ['foreign']);
  });
});
