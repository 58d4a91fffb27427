import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  leadingBlocks,
  loadDocumentation,
  splitSections,
} from '../../demo/server/documentation/documentation.mjs';
import {
  asksToFillForm,
  chooseFormCall,
  formCallsFor,
} from '../../demo/server/documentation/form-filling.mjs';
import { createSearch } from '../../demo/server/documentation/search.mjs';
import { createDocumentationModel } from '../../demo/server/models/documentation-model.mjs';
import { ask, eventsOf, postChat, startDemo, textOf, until } from './support.mjs';

const readme = `# Widget

A widget that streams.

## Theming

Set \`--ai-accent\` to change the colour of buttons.

\`\`\`css
# this is no heading
ai-stream-chat { --ai-accent: teal; }
\`\`\`

## Security

Model text is sanitized.

### Links

A link the model wrote asks before it opens.
`;

const decision = `# Parsing in a worker

Markdown is parsed in a worker, so that typing stays smooth.

| thread | work |
| --- | --- |
| main | DOM |
| worker | markdown |
`;

const sections = [...splitSections(readme, 'README.md'), ...splitSections(decision, 'docs/worker.md')];

/** A Tuesday. */
const today = new Date(2026, 4, 5, 12);
const model = createDocumentationModel({ sections, tokensPerSecond: 0, today: () => today });
const typesOf = (events) => [...new Set(events.map(({ event }) => event.type))];

describe('the documentation', { timeout: 30_000 }, () => {
  it('is split at its headings, but not inside code', () => {
    assert.deepEqual(
      sections.map(({ file, headings }) => `${file} ${headings.join(' › ')}`),
      [
        'README.md Widget',
        'README.md Widget › Theming',
        'README.md Widget › Security',
        'README.md Widget › Security › Links',
        'docs/worker.md Parsing in a worker',
      ],
    );
    assert.match(sections[1].text, /# this is no heading/);
  });

  it('is read from the README and everything below docs', async (context) => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'docs-'));
    context.after(() => rm(root, { recursive: true }));
    assert.deepEqual(await loadDocumentation(root), []);
    await mkdir(path.join(root, 'docs', 'decisions'), { recursive: true });
    await writeFile(path.join(root, 'README.md'), readme);
    await writeFile(path.join(root, 'docs', 'decisions', '1.md'), decision);
    const files = (await loadDocumentation(root)).map(({ file }) => file);
    assert.deepEqual([...new Set(files)], ['README.md', 'docs/decisions/1.md']);
  });

  it('is quoted in whole blocks', () => {
    const { text } = sections[1];
    assert.equal(leadingBlocks(text, 10), 'Set `--ai-accent` to change the colour of buttons.');
    assert.equal(leadingBlocks(text, 1000), text);
    assert.equal(leadingBlocks('```\n\n\n```', 2), '```\n\n\n```');
  });

  it('is found by its words, whatever their case, number or spelling', () => {
    const search = createSearch(sections);
    const bestOf = (question) => search(question)[0]?.section.headings.at(-1);
    assert.equal(bestOf('How do I change the colour of a button?'), 'Theming');
    assert.equal(bestOf('What happens to LINKS?'), 'Links');
    assert.equal(bestOf('workers'), 'Parsing in a worker');
    assert.equal(bestOf('the of a'), undefined);
    assert.equal(bestOf('zebra'), undefined);
  });
});

describe('the documentation model', { timeout: 30_000 }, () => {
  it('answers with the sections that fit, and says what it is', async (context) => {
    const { url } = await startDemo(context, { model });
    const events = await eventsOf(await ask(url, 'How do I change the accent colour?'));
    assert.deepEqual(typesOf(events), ['start', 'reasoning', 'text', 'source', 'usage', 'done']);
    assert.match(textOf(events), /--ai-accent: teal/);
    assert.match(textOf(events), /not a language model/);
    assert.match(textOf(events, 'reasoning'), /change, accent, colour/);
    const source = events.find(({ event }) => event.type === 'source').event;
    assert.equal(source.title, 'README.md: Widget › Theming');
    assert.equal(events.at(-1).event.reason, 'stop');
    assert.equal(events.at(-1).event.complete, true);
  });

  it('comes in pieces about as long as tokens', async (context) => {
    const { url } = await startDemo(context, { model });
    const events = await eventsOf(await ask(url, 'theming'));
    const pieces = events.filter(({ event }) => event.type === 'text').map(({ event }) => event.content);
    assert.ok(pieces.length > 20);
    assert.ok(pieces.every((piece) => piece.trim().length <= 6));
    const usage = events.find(({ event }) => event.type === 'usage').event;
    const said = events.filter(({ event }) => ['text', 'reasoning'].includes(event.type));
    assert.equal(usage.outputTokens, said.length);
  });

  it('answers at length when asked to: tables, code and lists', async (context) => {
    const { url } = await startDemo(context, { model });
    for (const question of [
      'Show me everything',
      'A long answer about theming',
      'Show me some tables',
      'give me code',
    ]) {
      const text = textOf(await eventsOf(await ask(url, question)));
      assert.ok(text.match(/^\| --- \|/gm).length >= 3, question);
      assert.ok(text.match(/^```\w+$/gm).length >= 2, question);
      assert.match(text, /^1\. /m);
      assert.match(text, /not a language model/);
    }
  });

  it('says what there is when it finds nothing', async (context) => {
    const { url } = await startDemo(context, { model });
    const text = textOf(await eventsOf(await ask(url, 'zebra')));
    assert.match(text, /I found nothing about that/);
    assert.match(text, /- Theming/);
    assert.match(text, /not a language model/);
  });

  it('answers where there is no documentation at all', async (context) => {
    const empty = createDocumentationModel({ sections: [], tokensPerSecond: 0 });
    const { url } = await startDemo(context, { model: empty });
    const text = textOf(await eventsOf(await ask(url, 'Show me everything')));
    assert.match(text, /no documentation to search yet/);
  });

  it('stops in the middle of a sentence when its reader stays away', async (context) => {
    let hasEnded = false;
    const slow = createDocumentationModel({ sections, tokensPerSecond: 100 });
    const watched = {
      name: slow.name,
      async *answer(request, signal) {
        try {
          yield* slow.answer(request, signal);
        } finally {
          hasEnded = signal.aborted;
        }
      },
    };
    const { url, failures } = await startDemo(context, { model: watched, limits: { graceTime: 1 } });
    const controller = new AbortController();
    const messages = [{ role: 'user', content: 'Show me everything' }];
    const response = await postChat(url, { messages }, { signal: controller.signal });
    await response.body.getReader().read();
    controller.abort();
    await until(() => hasEnded);
    assert.deepEqual(failures, []);
  });
});

const booking = {
  name: 'fill_form',
  description: 'Fills in the booking form',
  inputSchema: {
    type: 'object',
    properties: {
      full_name: { type: 'string' },
      email: { type: 'string', format: 'email' },
      date: { type: 'string', format: 'date' },
      guests: { type: 'integer' },
      seating: { type: 'string', enum: ['inside', 'outside', 'window'] },
      notes: { type: 'string' },
    },
  },
};

describe('the form that the documentation model fills', { timeout: 30_000 }, () => {
  const sentence =
    'Please book a table for Anna Berg, anna.berg@example.org, next Friday, 4 people, by the window. Notes: one high chair.';
  const args = {
    full_name: 'Anna Berg',
    email: 'anna.berg@example.org',
    date: '2026-05-08',
    guests: 4,
    seating: 'window',
    notes: 'one high chair.',
  };

  it('is asked for by a tool call with arguments that arrive in pieces', async (context) => {
    const { url } = await startDemo(context, { model });
    const events = (await eventsOf(await ask(url, sentence, { tools: [booking] }))).map(({ event }) => event);
    const start = events.find(({ type }) => type === 'tool_call_start');
    assert.equal(start.name, 'fill_form');
    assert.equal(start.by, 'client');
    const deltas = events.filter(({ type }) => type === 'tool_call_delta');
    assert.ok(deltas.length > 5);
    assert.ok(deltas.every(({ id }) => id === start.id));
    assert.deepEqual(JSON.parse(deltas.map(({ delta }) => delta).join('')), args);
    const call = events.find(({ type }) => type === 'tool_call');
    assert.deepEqual([call.id, call.name, call.args], [start.id, 'fill_form', args]);
    assert.deepEqual([events.at(-1).reason, events.at(-1).complete], ['tool_calls', true]);
  });

  it('is reported on in words when the page has answered', async (context) => {
    const { url } = await startDemo(context, { model });
    const messages = [
      { role: 'user', content: sentence },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'fill_form', arguments: JSON.stringify(args) } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'All six fields are set' },
    ];
    const events = await eventsOf(await postChat(url, { messages, tools: [booking] }));
    assert.match(textOf(events), /\| full_name \| Anna Berg \|/);
    assert.match(textOf(events), /The page reports: All six fields are set/);
    assert.equal(events.at(-1).event.reason, 'stop');
  });

  it('is not called done when the page could not fill it', async (context) => {
    const { url } = await startDemo(context, { model });
    const call = {
      id: 'c1',
      type: 'function',
      function: { name: 'fill_form', arguments: JSON.stringify(args) },
    };
    for (const content of ['{"error":"The form is gone"}', 'Error: The form is gone']) {
      const messages = [
        { role: 'user', content: sentence },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content },
      ];
      const text = textOf(await eventsOf(await postChat(url, { messages })));
      assert.match(text, /The page could not do it. It says: (?:Error: )?The form is gone/);
      assert.doesNotMatch(text, /Done/);
    }
  });

  it('is filled with examples where the sentence names no value, and the answer says so', async (context) => {
    const { url } = await startDemo(context, { model });
    const events = await eventsOf(await ask(url, 'Fill in the form, please', { tools: [booking] }));
    assert.match(textOf(events), /You name no values, so I fill in examples/);
    const { event } = events.find(({ event: { type } }) => type === 'tool_call');
    assert.equal(event.args.email, 'guest@example.com');
  });

  const asked = [
    ['Fill the form', true],
    ['Can you fill out this form for me?', true],
    ['the form: fill it', true],
    ['Book a table for two', true],
    ['I want to reserve for Friday', true],
    ['How do I fill in a form?', false],
    ['Tell me about the book', false],
    ['I read a book', false],
    ['What is a form?', false],
    ['theming', false],
  ];
  for (const [text, expected] of asked) {
    it(`is ${expected ? '' : 'not '}asked for by: ${text}`, () => {
      assert.equal(asksToFillForm(text), expected);
    });
  }

  const understood = [
    [
      'my name is Anna Maria van Berg and I come on 2026-12-24',
      { full_name: 'Anna Maria van Berg', date: '2026-12-24' },
    ],
    [
      'name: Ola; email: ola+table@mail.example.co.uk',
      { full_name: 'Ola', email: 'ola+table@mail.example.co.uk' },
    ],
    ['a table for two on May 12th', { guests: 2, date: '2026-05-12' }],
    ['a party of 12 on 3 March', { guests: 12, date: '2027-03-03' }],
    ['on the 1st of June 2027 for three', { guests: 3, date: '2027-06-01' }],
    ['24.12.2026, five guests, outside', { guests: 5, date: '2026-12-24', seating: 'outside' }],
    ['today, 1 person', { guests: 1, date: '2026-05-05' }],
    ['tomorrow', { date: '2026-05-06' }],
    ['on Tuesday', { date: '2026-05-12' }],
    ['for Friday', { date: '2026-05-08' }],
    ['2026-02-31', {}],
    ["I'm Anna. Please note that we bring a dog", { full_name: 'Anna', notes: 'we bring a dog' }],
    ['nothing to see', {}],
  ];
  for (const [text, expected] of understood) {
    it(`gets from “${text}” ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(chooseFormCall([booking], text, today).args, expected);
    });
  }

  it('is the one whose fields take most of what was said', () => {
    const contact = {
      name: 'contact_form',
      description: 'Fills the contact form',
      inputSchema: { type: 'object', properties: { mail: { type: 'string' } } },
    };
    const weather = { name: 'weather', description: 'Tells the weather', inputSchema: booking.inputSchema };
    const text = 'fill the form: a@b.example, 3 people';
    assert.equal(chooseFormCall([weather, contact, booking], text, today).tool.name, 'fill_form');
    assert.deepEqual(chooseFormCall([contact], text, today).args, { mail: 'a@b.example' });
    assert.deepEqual(chooseFormCall([weather], text, today).args, { email: 'a@b.example', guests: 3 });
  });
});

/** As the chat derives them from the forms of the demo. */
const choice = (...values) => ({
  type: 'string',
  anyOf: values.map((value) => ({ type: 'string', const: value, title: value && `To ${value}` })),
  enum: values,
});
const settings = {
  name: 'change_settings',
  description: 'Changes the settings.',
  inputSchema: {
    type: 'object',
    properties: {
      theme: choice('light', 'dark', 'system'),
      text_size: { type: 'number', description: 'Text size' },
      notify: { type: 'array', items: choice('email', 'push', 'sms'), uniqueItems: true },
      newsletter: { type: 'boolean', description: 'Send me the newsletter' },
      max_price: { type: 'number', description: 'At most' },
    },
  },
};

describe('a form of the page that the documentation model fills', { timeout: 30_000 }, () => {
  const understood = [
    ['Dark theme and no newsletter', { theme: 'dark', newsletter: false }],
    ['Put it to system, with the newsletter', { theme: 'system', newsletter: true }],
    ['turn the newsletter off', { newsletter: false }],
    ['notify me by email and push', { notify: ['email', 'push'] }],
    ['a text size of 18, please', { text_size: 18 }],
    ['shoes under €80', { max_price: 80 }],
  ];
  for (const [text, args] of understood) {
    it(`is called for “${text}” with ${JSON.stringify(args)}`, () => {
      assert.deepEqual(formCallsFor([settings], text, today), [{ tool: settings, args }]);
    });
  }

  it('is not called for a question, nor for a sentence that says nothing of it', () => {
    assert.deepEqual(formCallsFor([settings], 'How do I get a dark theme?', today), []);
    assert.deepEqual(formCallsFor([settings], 'Good morning', today), []);
    assert.deepEqual(formCallsFor([], 'a dark theme', today), []);
  });

  it('is called beside another where the sentence asks for both', async (context) => {
    const { url } = await startDemo(context, { model });
    const sentence = 'Book a table for two tomorrow, and also give me a dark theme';
    const events = await eventsOf(await ask(url, sentence, { tools: [booking, settings] }));
    const calls = events.filter(({ event }) => event.type === 'tool_call').map(({ event }) => event);
    assert.deepEqual(
      calls.map(({ name, args }) => [name, args]),
      [
        ['fill_form', { date: '2026-05-06', guests: 2 }],
        ['change_settings', { theme: 'dark' }],
      ],
    );
    assert.notEqual(calls[0].id, calls[1].id);
  });

  /** The answer to what the page said of a call. */
  async function answerTo(context, args, result, turns = 1) {
    const { url } = await startDemo(context, { model });
    const call = {
      id: 'c1',
      type: 'function',
      function: { name: 'fill_form', arguments: JSON.stringify(args) },
    };
    const turn = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: JSON.stringify(result) },
    ];
    const messages = [
      { role: 'user', content: 'Book a table' },
      ...Array.from({ length: turns }, () => turn).flat(),
    ];
    return eventsOf(await postChat(url, { messages, tools: [booking] }));
  }

  const invalid = {
    status: 'invalid',
    invalid: [
      { field: 'guests', constraint: 'max', limit: '12', message: 'Too many.' },
      { field: 'date', constraint: 'min', limit: '2026-06-01', message: 'Too early.' },
      { field: 'notes', constraint: 'maxlength', limit: '3', message: 'Too long.' },
    ],
  };

  it('is called again with what its limits allow, once', async (context) => {
    const args = { guests: 15, date: '2026-05-08', notes: 'abcdef', email: 'a@b.example' };
    const events = await answerTo(context, args, invalid);
    const { event } = events.find(({ event: { type } }) => type === 'tool_call');
    assert.deepEqual(event.args, { guests: 12, date: '2026-06-01', notes: 'abc' });
    assert.match(textOf(events), /- \*\*guests\*\*: Too many\./);
    assert.equal(events.at(-1).event.reason, 'tool_calls');
    const again = await answerTo(context, args, invalid, 2);
    assert.equal(again.at(-1).event.reason, 'stop');
    assert.match(textOf(again), /Tell me what to put there/);
  });

  it('is not called again where only the user can tell what is right', async (context) => {
    const missing = { field: 'email', constraint: 'required', message: 'Please fill out this field.' };
    const events = await answerTo(context, { guests: 2 }, { status: 'invalid', invalid: [missing] });
    assert.equal(events.at(-1).event.reason, 'stop');
    assert.match(textOf(events), /- \*\*email\*\*: Please fill out this field\./);
  });

  const told = [
    [{ status: 'filled' }, /I have sent nothing/],
    [{ status: 'submitted', result: { number: 7 } }, /the page has sent it[^]*`\{"number":7\}`/],
    [{ status: 'declined' }, /You did not want it sent/],
    [{ status: 'filled', kept: ['email'] }, /left alone: \*\*email\*\*/],
    [{ status: 'filled', refused: ['password'] }, /does not let me fill in \*\*password\*\*/],
  ];
  for (const [result, expected] of told) {
    it(`is reported on when it says ${JSON.stringify(result)}`, async (context) => {
      assert.match(textOf(await answerTo(context, { guests: 2 }, result)), expected);
    });
  }
});
