import { expect } from '@open-wc/testing';
import type { ToolPart } from '../../../src/core/index.js';
import type { ToolProvider } from '../../../src/elements/ai-stream-chat/execute-tool.js';
import { OfferedTools } from '../../../src/elements/ai-stream-chat/offered-tools.js';
import { until } from '../support.js';

interface Log {
  readonly previews: unknown[];
  readonly cancelled: string[];
  ran: number;
  begun: number;
}

/** A page that offers `own`, and a provider that offers `own` too, and `form`. */
function page(): { tools: OfferedTools; log: Log; host: HTMLElement } {
  const log: Log = { previews: [], cancelled: [], ran: 0, begun: 0 };
  const provided = (name: string) => ({
    name,
    description: 'Theirs',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
    execute: () => (log.ran += 1),
  });
  const provider: ToolProvider = {
    tools: [provided('own'), provided('form')],
    begin: () => void (log.begun += 1),
    preview: ({ args, path }) => void log.previews.push([args, path]),
    cancel: (id) => void log.cancelled.push(id),
  };
  const host = document.createElement('div');
  const tools = new OfferedTools({ host, providers: () => [provider], limits: () => ({}) });
  return { tools, log, host };
}

function call(argsText: string, name = 'form'): ToolPart {
  return { type: 'tool', id: 'c1', name, by: 'client', state: 'preparing', argsText };
}

const CONTEXT = {
  signal: new AbortController().signal,
  callId: 'c1',
  approve: () => Promise.resolve(true),
  offerUndo: () => {},
};

const REQUEST = { id: 'c1', name: 'form', args: {}, messageId: 'm' };

describe('tools of a provider', () => {
  it('are offered beside the page’s own, whose names win', () => {
    const { tools } = page();
    const offered = tools.offer([{ name: 'own', description: 'Mine' }]);
    expect(offered.map(({ name, description }) => [name, description])).to.deep.equal([
      ['own', 'Mine'],
      ['form', 'Theirs'],
    ]);
    expect(tools.names).to.deep.equal(['own', 'form']);
    tools.offer([]);
    expect(tools.names, 'the page has named none').to.equal(undefined);
  });

  it('see their arguments while they arrive, and nothing of other calls', async () => {
    const { tools, log } = page();
    tools.offer([{ name: 'own', description: 'Mine' }]);
    tools.preview(call('{"text":"a', 'own'));
    tools.preview({ ...call('{"text":"a'), id: 'c2' });
    await until(() => log.previews.length > 0);
    expect(log.previews).to.deep.equal([[{ text: 'a' }, []]]);
  });

  it('are told when a call they have shown is not going to be run', async () => {
    for (const end of [
      ({ tools }: ReturnType<typeof page>) => tools.cancel('c1'),
      ({ tools }: ReturnType<typeof page>) => tools.end(() => false),
      // A listener of the page takes it.
      ({ tools, host }: ReturnType<typeof page>) => {
        host.addEventListener('tool_call', (event) => event.preventDefault());
        void tools.call(REQUEST, CONTEXT);
      },
    ]) {
      const all = page();
      all.tools.offer([]);
      all.tools.preview(call('{"text":"a'));
      await until(() => all.log.previews.length > 0);
      end(all);
      end(all);
      expect(all.log.cancelled).to.deep.equal(['c1']);
      expect(all.log.ran).to.equal(0);
    }
  });

  it('are not told so of a call that is run', async () => {
    const { tools, log } = page();
    tools.offer([]);
    tools.preview(call('{"text":"a'));
    await until(() => log.previews.length > 0);
    await tools.call(REQUEST, CONTEXT);
    tools.cancel('c1');
    tools.end(() => false);
    expect([log.ran, log.cancelled]).to.deep.equal([1, []]);
  });

  it('see the arguments from their start when they are told again', async () => {
    const { tools, log } = page();
    tools.offer([]);
    tools.preview(call('{"text":"ab'));
    await until(() => log.previews.length === 1);
    // What was shown stands until as much has come.
    tools.preview(call('{"text"'));
    tools.preview(call('{"text":"xy"'));
    await until(() => log.previews.length === 2);
    expect(log.previews.at(-1)).to.deep.equal([{ text: 'xy' }, []]);
  });
});
