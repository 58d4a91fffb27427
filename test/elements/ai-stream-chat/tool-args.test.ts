// The tool-args cases of ../shared/conformance, through the whole chat, in OpenAI's shape.
import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { ToolPart } from '../../../src/core/index.js';
import type { AiStreamChatElement, Tool } from '../../../src/index.js';
import { endpoint, recordEvents, requestsOf, until } from '../support.js';

interface Case {
  readonly id: string;
  readonly class: string;
  readonly input: unknown;
}

const response = await fetch('/__shared/conformance/tool-args-a.json');
const cases = response.ok ? ((await response.json()) as Case[]) : [];
/** These are about filling in forms. */
const isForm = ({ class: name }: Case): boolean => name.startsWith('form-target');
const skipped = cases.filter(isForm).length;

function chunk(delta: object, finish: string | null = null): object {
  return { object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] };
}

function callChunk(id: string, name: string, args: string): object {
  return chunk({ tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: args } }] });
}

/** More of the arguments of the call that was begun. */
function moreChunk(args: string): object {
  return chunk({ tool_calls: [{ index: 0, function: { arguments: args } }] });
}

const END = [chunk({}, 'tool_calls'), '[DONE]'];

interface Played {
  readonly chat: AiStreamChatElement;
  readonly events: CustomEvent[];
  readonly ran: Record<string, unknown>[];
  /** What the model reads in the next request. */
  readonly results: () => Promise<string[]>;
  readonly key: string;
}

async function chatOn(src: string, key: string, name = 'fill', more: Partial<Tool> = {}): Promise<Played> {
  const chat = await fixture<AiStreamChatElement>(
    html`<ai-stream-chat style="block-size: 480px" src=${src} dialect="openai-chat"></ai-stream-chat>`,
  );
  const ran: Record<string, unknown>[] = [];
  chat.tools = [
    { name, description: '', execute: (args) => ran.push(args as Record<string, unknown>), ...more },
  ];
  return {
    chat,
    ran,
    key,
    events: recordEvents(chat, 'tool_call'),
    async results() {
      const { body } = (await requestsOf(key)).at(-1)!;
      return body.messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : []));
    },
  };
}

/** A chat whose endpoint sends these chunks. */
async function play(chunks: readonly unknown[], name?: string, more?: Partial<Tool>): Promise<Played> {
  const { src, key } = endpoint('scripted');
  const played = await chatOn(src, key, name, more);
  played.chat.body = { script: [chunks, [chunk({ content: 'Over.' }), chunk({}, 'stop'), '[DONE]']] };
  return played;
}

/** Arguments a character at a time. */
async function playArguments(args: string): Promise<Played> {
  const played = await play([callChunk('call_1', 'fill', ''), ...[...args].map(moreChunk), ...END]);
  await played.chat.send('go');
  await played.chat.settled;
  return played;
}

async function expectRefused({ events, ran, results }: Played, reason: RegExp): Promise<void> {
  expect(events.length, 'dispatched').to.equal(0);
  expect(ran.length, 'run').to.equal(0);
  expect((await results())[0]).to.match(reason);
}

/** class → what its case is to come to. */
const CHECKS: Readonly<Record<string, (input: never) => Promise<void>>> = {
  async 'proto-pollution'(input: string) {
    const { ran } = await playArguments(input);
    expect('polluted' in {}).to.equal(false);
    expect('polluted' in ran[0]!).to.equal(false);
    expect(Object.keys(ran[0]!)).to.deep.equal(['a']);
  },
  async 'proto-escaped'(input: string) {
    const { ran } = await playArguments(input);
    expect('polluted' in {} || 'polluted' in ran[0]!).to.equal(false);
    expect(ran).to.deep.equal([{}]);
  },
  async 'not-an-object-string'(input: string) {
    await expectRefused(await playArguments(input), /not a JSON object/);
  },
  async truncated(input: string) {
    await expectRefused(await playArguments(input), /incomplete/);
  },
  async 'nan-infinity'(input: string) {
    await expectRefused(await playArguments(input), /not a JSON object/);
  },
  async 'nul-in-string'(input: string) {
    const { ran } = await playArguments(input);
    expect(ran).to.deep.equal([JSON.parse(input)]);
  },
  async 'very-long-value'({ repeat }: { repeat: [string, string, number] }) {
    const [, , length] = repeat;
    const { src, key } = endpoint('long-arguments', { length: String(length) });
    const played = await chatOn(src, key);
    await played.chat.send('go');
    await played.chat.settled;
    expect(played.events.length + played.ran.length).to.equal(0);
    expect(played.chat.messages.at(-1)!.error!.code).to.equal('limit');
    const [call] = played.chat.messages.at(-1)!.parts as readonly ToolPart[];
    expect(call!.state).to.equal('failed');
    expect(call!.result).to.contain('too long');
    expect(call!.argsText.length).to.be.at.most(1_048_576);
    // A limit of the page's own, below that of an answer, lets the run go on.
    const other = endpoint('long-arguments', { length: '200000' });
    const small = await chatOn(other.src, other.key);
    small.chat.limits = { maxArgumentChars: 100_000 };
    await small.chat.send('go');
    await small.chat.settled;
    await expectRefused(small, /longer than 100000 characters/);
    expect(small.chat.messages.at(-1)!.status).to.equal('complete');
  },
  async 'name-proto'({ name, args }: { name: string; args: string }) {
    const played = await play([callChunk('c', name, args), ...END]);
    await played.chat.send('go');
    await expectRefused(played, /There is no tool/);
  },
  async 'name-homograph'({ name, args }: { name: string; args: string }) {
    const played = await play([callChunk('c', name, args), ...END], 'get_weather');
    await played.chat.send('go');
    await expectRefused(played, /There is no tool .* There are: get_weather/);
  },
  async 'args-change-after-done'({
    name,
    id,
    args,
    later,
  }: Record<'name' | 'id' | 'args' | 'later', string>) {
    const call = { type: 'tool_call', id, name };
    const native = [
      { ...call, args: JSON.parse(args) },
      { type: 'tool_call_delta', id, delta: later },
      { ...call, args: JSON.parse(later) },
      { type: 'done', reason: 'tool_calls', complete: true },
    ];
    const { chat, ran, events } = await play(native, name);
    chat.dialect = 'native';
    await chat.send('go');
    expect(ran).to.deep.equal([JSON.parse(args)]);
    expect(events.length).to.equal(1);
  },
  async 'call-after-cancel'() {
    const { chat, events, ran } = await play([callChunk('c', 'fill', '{"a":'), 'hang']);
    const run = chat.send('go');
    await until(() => chat.messages.at(-1)!.parts.length === 1);
    await chat.stop();
    await run;
    expect(events.length + ran.length).to.equal(0);
  },
  async 'url-arg-protocol-relative'(input: string) {
    const { chat, ran } = await play([callChunk('c', 'fill', input), ...END], 'fill', { confirm: true });
    void chat.send('go');
    const asked = await until(() => {
      const message = [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].at(-1);
      return message?.shadowRoot!.querySelector('details:has(button)');
    });
    expect(asked.textContent).to.contain('evil.test');
    expect(ran.length).to.equal(0);
    await chat.stop();
  },
  async 'result-function'() {
    for (const result of [() => 1, document.body, 1n]) {
      const played = await play([callChunk('c', 'fill', '{}'), ...END], 'fill', { execute: () => result });
      await played.chat.send('go');
      expect(await played.results()).to.deep.equal(['The tool gave a result that JSON cannot hold.']);
    }
  },
};

describe(`the tool-args cases (${skipped} about forms are not for here)`, () => {
  it('are all known', function () {
    if (cases.length === 0) this.skip();
    const unknown = cases.filter((each) => !isForm(each) && !(each.class in CHECKS));
    expect(unknown.map(({ id }) => id)).to.deep.equal([]);
  });

  for (const each of cases.filter((one) => !isForm(one))) {
    it(`end as they say: ${each.id}, ${each.class}`, () => CHECKS[each.class]!(each.input as never));
  }
});
