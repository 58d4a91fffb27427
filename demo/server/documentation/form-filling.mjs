// Reads the arguments of a form's tool out of one English sentence: facts by the names of fields (facts.mjs), choices
// where one of them is named, yes and no where what it is about is named ("the newsletter", "no newsletter"), and
// numbers after what they are about ("text size 18").
import { FACTS } from './facts.mjs';

/** @typedef {import('../models/model.mjs').ToolDescriptor} ToolDescriptor */
/** @typedef {Readonly<Record<string, unknown>>} Schema */

/** The tool asked for where the page describes none. @type {ToolDescriptor} */
export const FILL_FORM = {
  name: 'fill_form',
  description: 'Fills in the form on the page.',
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      email: { type: 'string', format: 'email' },
      date: { type: 'string', format: 'date' },
      guests: { type: 'integer' },
      notes: { type: 'string' },
    },
  },
};

/** @param {ToolDescriptor} tool @returns {[string, Schema][]} the fields of its arguments */
function fieldsOf(tool) {
  const properties = tool.inputSchema?.['properties'];
  return typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
}

/** @param {Schema} schema @returns {{value: unknown, title: unknown}[]} the values a field may have; none: any */
function choicesOf(schema) {
  if (Array.isArray(schema['anyOf'])) {
    return schema['anyOf'].flatMap(({ const: value, title = value }) => (value ? { value, title } : []));
  }
  return Array.isArray(schema['enum']) ? schema['enum'].map((value) => ({ value, title: value })) : [];
}

/** @param {unknown} text */
const escaped = (text) => String(text).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** @param {string} sentence @param {unknown} word */
function mentions(sentence, word) {
  return word !== '' && new RegExp(String.raw`(?<!\p{L})${escaped(word)}(?!\p{L})`, 'iu').test(sentence);
}

/** @param {string} field @param {Schema} schema @returns {string} a pattern of the words that name a field */
function wordsFor(field, schema) {
  const text = `${field.replaceAll(/[_-]/g, ' ')} ${schema['description'] ?? ''}`;
  const words = new Set(text.toLowerCase().match(/\p{L}{4,}/gu) ?? [field]);
  return [...words].map(escaped).join('|');
}

/** @param {string} sentence @param {string} words @returns {boolean | undefined} undefined: not named */
function findYesOrNo(sentence, words) {
  if (!new RegExp(`\\b(?:${words})\\b`, 'i').test(sentence)) return undefined;
  const no = String.raw`\b(?:no|not|without|off|disable|stop|don['’]t|nor)\b[^,.;]*\b(?:${words})\b`;
  const off = String.raw`\b(?:${words})\b[^,.;]*\boff\b`;
  return !new RegExp(`${no}|${off}`, 'i').test(sentence);
}

/** @param {string} field @param {Schema} schema @param {string} sentence @param {Date} today @returns {unknown} */
function findValue(field, schema, sentence, today) {
  const items = /** @type {Schema | undefined} */ (schema['items']);
  const named = choicesOf(items ?? schema).filter(
    ({ value, title }) => mentions(sentence, value) || mentions(sentence, title),
  );
  if (items) return named.length > 0 ? named.map(({ value }) => value) : undefined;
  if (choicesOf(schema).length > 0) return named[0]?.value;
  const words = wordsFor(field, schema);
  if (schema['type'] === 'boolean') return findYesOrNo(sentence, words);
  const fact = FACTS.find((candidate) => candidate.field.test(field));
  if (fact || schema['type'] !== 'number') return fact?.find(sentence, today);
  const number = new RegExp(String.raw`\b(?:${words})\b\D{0,12}?(\d+)`, 'i').exec(sentence)?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * @param {ToolDescriptor} tool
 * @param {string} sentence
 * @param {Date} today
 * @returns {Record<string, unknown>} only what the sentence says, under names the tool's schema has
 */
function argumentsFrom(tool, sentence, today) {
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const [field, schema] of fieldsOf(tool)) {
    const value = findValue(field, schema, sentence, today);
    if (value !== undefined) found[field] = schema['type'] === 'string' ? String(value) : value;
  }
  return found;
}

const QUESTION = /^\s*(?:how|what|why|where|when|which|who|does|is|are|explain|tell)\b/i;
const ALSO = /[;,.]?\s+and also,?\s+/i;

/** True when a sentence asks to fill in a form or to book something, and does not ask how that is done. */
export function asksToFillForm(/** @type {string} */ sentence) {
  if (QUESTION.test(sentence) || /^\s*show\b/i.test(sentence)) return false;
  return (
    /\bfill\b.*\bform\b|\bform\b.*\bfill/is.test(sentence) ||
    /(?<!\b(?:a|an|the|this|that|your|my)\s)\b(?:book|reserve)\b/i.test(sentence)
  );
}

/**
 * The calls a sentence asks for: one for each part of it, where parts are joined by “and also”. None where it asks for
 * no form.
 *
 * @param {readonly ToolDescriptor[]} tools
 * @param {string} sentence
 * @param {Date} today
 * @returns {{tool: ToolDescriptor, args: Record<string, unknown>}[]}
 */
export function formCallsFor(tools, sentence, today) {
  if (QUESTION.test(sentence)) return [];
  return sentence.split(ALSO).flatMap((part) => {
    if (asksToFillForm(part)) return [chooseFormCall(tools, part, today)];
    const call = tools.length > 0 ? mostOf(tools, part, today) : undefined;
    return call && Object.keys(call.args).length > 0 ? [call] : [];
  });
}

/**
 * The tool that takes most of what a sentence says, and the arguments for it. A tool counts as one that fills a
 * form when its name or description says so.
 *
 * @param {readonly ToolDescriptor[]} tools what the page offers; `fill_form` where none of them fills a form
 * @param {string} sentence
 * @param {Date} today for dates without a year, and `tomorrow`
 * @returns {{tool: ToolDescriptor, args: Record<string, unknown>}}
 */
export function chooseFormCall(tools, sentence, today) {
  const fitting = tools.filter(({ name, description }) =>
    /form|fill|book|reserv/i.test(`${name} ${description}`),
  );
  return mostOf(fitting.length > 0 ? fitting : [FILL_FORM], sentence, today);
}

/** @param {readonly ToolDescriptor[]} tools @param {string} sentence @param {Date} today */
function mostOf(tools, sentence, today) {
  const calls = tools.map((tool) => ({ tool, args: argumentsFrom(tool, sentence, today) }));
  return calls.reduce((best, call) =>
    Object.keys(call.args).length > Object.keys(best.args).length ? call : best,
  );
}

/**
 * What to show where a sentence asks for the form and names no value.
 *
 * @param {ToolDescriptor} tool
 * @param {Date} today
 * @returns {Record<string, unknown>}
 */
export function exampleArguments(tool, today) {
  const example =
    'My name is Example Guest, guest@example.com, tomorrow at 19:30, 2 people. Note: an example.';
  return argumentsFrom(tool, example, today);
}
