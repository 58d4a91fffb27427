import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  longAnswer,
  nothingFoundAnswer,
  shortAnswer,
  wantsLongAnswer,
  DISCLAIMER,
} from '../documentation/answer.mjs';
import { asksToFillForm, chooseFormCall, exampleArguments } from '../documentation/form-filling.mjs';
import { createSearch, wordsOf } from '../documentation/search.mjs';
import { textOf } from './model.mjs';

/** @typedef {import('../documentation/documentation.mjs').Section} Section */
/** @typedef {import('./model.mjs').ChatMessage} ChatMessage */
/** @typedef {import('./model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').StreamEvent} StreamEvent */

/** A brisk language model, so that the demo feels like one. */
const DEFAULT_TOKENS_PER_SECOND = 60;

/** Pieces about as long as the tokens of a language model; joined they are the text. */
const TOKEN = /\s*\S{1,6}|\s+/gu;

/**
 * Waits where needed so that tokens come at an even pace.
 *
 * @param {number} tokensPerSecond 0: as fast as they are taken
 * @param {AbortSignal} signal
 * @returns {() => Promise<void>} fulfils when the next token is due; rejects when the signal fires
 */
function createPacer(tokensPerSecond, signal) {
  if (tokensPerSecond === 0) return async () => signal.throwIfAborted();
  let due = performance.now();
  return async () => {
    // A reader that was slow is not given the missed tokens in one burst.
    due = Math.max(due, performance.now() - 1000) + 1000 / tokensPerSecond;
    await setTimeout(Math.max(0, due - performance.now()), undefined, { signal });
  };
}

/** @param {string} json @returns {unknown} */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** @param {unknown} value */
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {unknown} value */
const inCell = (value) =>
  (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {unknown} value an object with at least one field */
const tableOf = (value) =>
  [
    '| Field | Value |',
    '| --- | --- |',
    ...Object.entries(/** @type {object} */ (value)).map(
      ([field, held]) => `| ${inCell(field)} | ${inCell(held)} |`,
    ),
  ].join('\n');

/**
 * What one tool call did, told from the page's answer to it.
 *
 * @param {ChatMessage} answer the `tool` message
 * @param {readonly ChatMessage[]} messages
 */
function reportOf(answer, messages) {
  const calls = messages.flatMap((message) => message.tool_calls ?? []);
  const call = calls.findLast(({ id }) => id === answer.tool_call_id);
  const result = parsed(textOf(answer));
  const isRefusal = typeof result === 'string' && /^error\b/i.test(result);
  const error = isRefusal ? result : isRecord(result) && /** @type {{error?: unknown}} */ (result).error;
  if (error) return `The page could not do it. It says: ${inCell(error)}`;
  const args = parsed(call?.function.arguments ?? '');
  const name = call ? `\`${call.function.name}\`` : 'the tool';
  const said = typeof result === 'string' ? result : `\`${JSON.stringify(result)}\``;
  return [
    isRecord(args) && Object.keys(/** @type {object} */ (args)).length > 0
      ? `Done. This is what I filled in:\n\n${tableOf(args)}`
      : `The page ran ${name}.`,
    said === '' ? 'The page reported nothing more.' : `The page reports: ${said}`,
    'Please check it before you send it.',
  ].join('\n\n');
}

/** @param {readonly ChatMessage[]} messages @returns {ChatMessage[]} the tool results at the very end */
function trailingToolResults(messages) {
  const last = messages.findLastIndex((message) => message.role !== 'tool');
  return messages.slice(last + 1);
}

/**
 * A model that answers from this project's own documentation: it searches, quotes what fits, and says that it does
 * no more than that. It fills in forms by simple rules.
 *
 * @param {object} options
 * @param {readonly Section[]} options.sections
 * @param {number} [options.tokensPerSecond] default: 60; 0: as fast as they are taken
 * @param {() => Date} [options.today]
 * @returns {Model}
 */
export function createDocumentationModel({
  sections,
  tokensPerSecond = DEFAULT_TOKENS_PER_SECOND,
  today = () => new Date(),
}) {
  const search = createSearch(sections);

  /** @param {string} question @returns {{reasoning: string, sources: readonly Section[], text: string}} */
  function lookUp(question) {
    const hits = search(question);
    const isLong = wantsLongAnswer(question) && sections.length > 0;
    const reasoning =
      `Searching ${sections.length} sections for: ${wordsOf(question).join(', ') || 'nothing in particular'}. ` +
      `${hits.length} fit.`;
    if (isLong) return { reasoning, sources: [], text: longAnswer(question, hits, sections) };
    if (hits.length === 0) return { reasoning, sources: [], text: nothingFoundAnswer(sections) };
    return { reasoning, sources: hits.slice(0, 2).map(({ section }) => section), text: shortAnswer(hits) };
  }

  /**
   * @param {ChatRequest} request
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<StreamEvent, void>}
   */
  async function* answer({ messages, tools }, signal) {
    const waitForNext = createPacer(tokensPerSecond, signal);
    let outputTokens = 0;

    /** @param {'text' | 'reasoning'} type @param {string} text */
    async function* say(type, text) {
      for (const [content] of text.matchAll(TOKEN)) {
        await waitForNext();
        outputTokens += 1;
        yield /** @type {StreamEvent} */ ({ type, content });
      }
    }

    /** @param {string} sentence @returns {AsyncGenerator<StreamEvent, void>} */
    async function* callForm(sentence) {
      const call = chooseFormCall(tools, sentence, today());
      const isEmpty = Object.keys(call.args).length === 0;
      const args = isEmpty ? exampleArguments(call.tool, today()) : call.args;
      const { name } = call.tool;
      yield* say(
        'text',
        isEmpty
          ? 'You name no values, so I fill in examples.'
          : 'I read your sentence by simple rules and fill in what I understood.',
      );
      const id = `call_${randomUUID()}`;
      yield { type: 'tool_call_start', id, name, by: 'client' };
      for (const [delta] of JSON.stringify(args).matchAll(TOKEN)) {
        await waitForNext();
        outputTokens += 1;
        yield { type: 'tool_call_delta', id, delta };
      }
      yield { type: 'tool_call', id, name, args };
    }

    const results = trailingToolResults(messages);
    const question = textOf(messages.findLast((message) => message.role === 'user'));
    const isFormCall = results.length === 0 && asksToFillForm(question);
    if (isFormCall) yield* callForm(question);
    else if (results.length > 0) {
      const reports = results.map((result) => reportOf(result, messages));
      yield* say('text', `${reports.join('\n\n')}\n\n${DISCLAIMER}`);
    } else {
      const { reasoning, sources, text } = lookUp(question);
      yield* say('reasoning', reasoning);
      yield* say('text', text);
      for (const { file, headings } of sources) {
        yield {
          type: 'source',
          id: `${file}#${headings.join('/')}`,
          title: `${file}: ${headings.join(' › ')}`,
        };
      }
    }
    yield { type: 'usage', inputTokens: question.match(TOKEN)?.length ?? 0, outputTokens };
    yield { type: 'done', reason: isFormCall ? 'tool_calls' : 'stop', complete: true };
  }

  return { name: 'a search over the documentation (no language model)', answer };
}
