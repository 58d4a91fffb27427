import type { FilePart, Message, MessagePart, RunInput } from '../../src/core/index.js';
import { answeredCall, assistant, opaque, user } from './dialect.js';

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a place.',
  inputSchema: {
    type: 'object',
    properties: {
      place: { type: 'string', description: 'A town.' },
      units: { type: 'string', enum: ['metric', 'imperial'] },
      days: { type: 'array', items: { type: 'integer', minimum: 1 } },
    },
    required: ['place'],
    additionalProperties: false,
  },
};

const NOW = { name: 'now', description: 'The time of day.' };

/** One white pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAusB9Y0F0mAAAAAASUVORK5CYII=';

/** The text "Hello". */
const HELLO = 'SGVsbG8=';

function file(mediaType: string, fields: Partial<FilePart>): FilePart {
  return { type: 'file', mediaType, ...fields };
}

/** Answers to one question after the other; a list of parts is one answer. */
function talk(...answers: readonly MessagePart[][]): Message[] {
  const turns = answers.map((parts, index): Message[] => [
    user(`Question ${index}`, `u${index}`),
    { ...assistant(...parts), id: `a${index}` },
  ]);
  return [...turns.flat(), user('And now?', 'last')];
}

const text = (words: string): MessagePart => ({ type: 'text', text: words });
const reasoning = (words: string): MessagePart => ({ type: 'reasoning', text: words });
const sunny = answeredCall({
  id: 'call_1',
  name: 'get_weather',
  argsText: '{"place":"Köln"}',
  args: { place: 'Köln' },
  result: { sky: 'clear', degrees: 21.5 },
});
const { result: _, ...open } = sunny;

/** What endpoints leave that ask whether the call may be made, or what it is to give. */
const QUESTION = [
  opaque('ag-ui', { interrupt: { id: 'q', reason: 'approval', toolCallId: 'call_1' } }),
  opaque('ai-sdk-ui', { type: 'tool', toolCallId: 'call_1', approval: { id: 'q' } }),
];

/** The messages of conversations that hold, together, all that a request can. */
const MESSAGES: Readonly<Record<string, readonly Message[]>> = {
  'one question': [user('Hello')],
  'several turns': talk([text('One.')], [text('**Two.**\n\n- three')], [text('Four. 你好 👩‍👩‍👧 שלום')]),
  'two questions in a row': [user('One?'), user('Two?', 'u2')],
  'a greeting before the first question': [assistant('Welcome.'), user('Hello')],
  'a system message among the others': [
    user('Hello'),
    { id: 's', role: 'system', parts: [text('Be brief.')] },
    user('Well?', 'u2'),
  ],
  'empty texts': [
    user('Hello'),
    assistant(text('')),
    user('', 'u2'),
    assistant(text(''), sunny, text('')),
    user([text(''), text('Well?')], 'u3'),
  ],
  'answers without words': [user('Hello'), assistant(), user('Hello?', 'u2')],
  'an answer that was cut off': talk([text('It is'), { ...open, state: 'preparing', argsText: '{"pla' }]),

  'a call that waits for the model': [user('Weather?'), assistant(sunny)],
  'a call with words before and after': talk([text('Let me see.'), sunny, text('It is sunny.')]),
  'parallel calls': talk([
    text('Two at once.'),
    sunny,
    { ...sunny, id: 'call_2', args: { place: 'Rom' }, argsText: '{"place":"Rom"}' },
    text('Both are sunny.'),
  ]),
  'calls one after the other': talk([sunny, text('Again.'), { ...sunny, id: 'call_2' }, text('Done.')]),
  'the same call id in two answers': talk([sunny, text('Sunny.')], [sunny, text('Still.')]),
  'a failed call': talk([{ ...sunny, state: 'failed', result: 'No such place.' }, text('Sorry.')]),
  'a call that failed with a value': talk([{ ...sunny, state: 'failed', result: { code: 404 } }]),
  'a call that nobody answered': talk([text('Let me see.'), { ...open, state: 'running' }]),
  'a call that failed without a word': talk([{ ...open, state: 'failed' }]),
  'a call without arguments': talk([answeredCall({ name: 'now', args: {}, argsText: '', result: '12:00' })]),
  'a call with free text for arguments': talk([
    answeredCall({ name: 'sql', args: 'SELECT 1', argsText: 'SELECT 1', result: '1' }),
  ]),
  'a call with a list for arguments': talk([answeredCall({ name: 'sum', args: [1, 2], argsText: '[1,2]' })]),
  'results of every kind': talk(
    ...['', 'words', 0, 4.5, true, false, null, [], [1, { a: null }], {}, { a: [1] }].map((result, index) => [
      answeredCall({ id: `call_${index}`, name: 'now', args: {}, argsText: '{}', result }),
    ]),
  ),
  'results in messages of their own': [
    user('Weather?'),
    assistant({ ...open, state: 'running' }),
    { id: 't', role: 'tool', parts: [sunny] },
    user('Thanks.', 'u2'),
  ],
  "a call of the endpoint's own tool": talk([{ ...sunny, by: 'server' }, text('It is sunny.')]),

  ...Object.fromEntries(
    [true, false, null, { approved: true }, { approve: false, reason: 'No.' }].map((result) => [
      `a question of the endpoint that was answered with ${JSON.stringify(result)}`,
      [user('Weather?'), assistant({ ...sunny, result }, ...QUESTION)],
    ]),
  ),
  'a question of the endpoint that was not answered': talk([{ ...open, state: 'running' }, ...QUESTION]),
  'a question of the endpoint that the page failed to answer': talk([
    { ...open, state: 'failed' },
    ...QUESTION,
  ]),

  reasoning: talk(
    [reasoning('Hm.'), text('Yes.')],
    [reasoning('Hm, hm.'), sunny, reasoning('So.'), text('No.')],
  ),
  'nothing but reasoning': talk([reasoning('Hm.')]),
  sources: talk([
    text('See'),
    { type: 'source', id: 's1', url: 'https://example.com/', title: 'A' },
    text(' there.'),
  ]),
  'what other dialects left': talk([
    text('One.'),
    opaque('native', { a: 1 }),
    opaque('openai-assistants', 'thread_1'),
    { type: 'opaque', dialect: 'elsewhere', value: null },
  ]),

  'images by address': [user([text('Look'), file('image/png', { url: 'https://example.com/a.png' })])],
  'images by their bytes': [
    user([file('image/png', { data: PIXEL, name: 'a.png' }), text('Look')]),
    assistant('A pixel.'),
    user([file('image/png', { url: `data:image/png;base64,${PIXEL}` })], 'u2'),
  ],
  'documents by address': [
    user([text('Read'), file('application/pdf', { url: 'https://example.com/a.pdf', name: 'a.pdf' })]),
  ],
  'documents by their bytes': [
    user([
      text('Read'),
      file('application/pdf', { data: HELLO, name: 'a.pdf' }),
      file('text/plain', { data: HELLO, name: 'a.txt' }),
      file('text/csv', { url: 'data:text/csv,a%2Cb' }),
    ]),
  ],
  'sounds and films': [
    user([
      text('Listen'),
      file('audio/wav', { data: HELLO, name: 'a.wav' }),
      file('audio/mpeg', { data: HELLO }),
      file('audio/mpeg', { url: 'https://example.com/a.mp3' }),
      file('video/mp4', { url: 'https://example.com/a.mp4' }),
    ]),
  ],
  'images that the model made': talk([text('Here.'), file('image/png', { data: PIXEL })]),
};

const BASE: RunInput = { conversationId: 'conv', model: 'a-model', tools: [], messages: [] };

/** Conversations by what they are about. */
export const CONVERSATIONS: Readonly<Record<string, RunInput>> = {
  ...Object.fromEntries(
    Object.entries(MESSAGES).map(([name, messages]) => [name, { ...BASE, messages, tools: [WEATHER, NOW] }]),
  ),
  'no tools': { ...BASE, messages: [user('Hello')] },
  'a system text': { ...BASE, system: 'Be brief.\n\nBe kind.', messages: talk([text('One.')]) },
  'an empty system text': { ...BASE, system: '', messages: [user('Hello')] },
};
