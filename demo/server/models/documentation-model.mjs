import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  longAnswer,
  nothingFoundAnswer,
  shortAnswer,
  wantsLongAnswer,
  DISCLAIMER,
} from '../documentation/answer.mjs';
import { exampleArguments, formCallsFor } from '../documentation/form-filling.mjs';
import { correctionsFor, formResultOf, problemsOf, saidOfForm } from '../documentation/form-results.mjs';
import { createSearch, wordsOf } from '../documentation/search.mjs';
import { textOf } from './model.mjs';

/** @typedef {import('../documentation/documentation.mjs').Section} Section */
/** @typedef {import('./model.mjs').ChatMessage} ChatMessage */
/** @typedef {import('./model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').StreamEvent} StreamEvent */
/** @typedef {import('./model.mjs').ToolDescriptor} ToolDescriptor */
/** @typedef {{tool: ToolDescriptor, args: Record<string, unknown>}} FormCall */

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

/** @param {ChatMessage} answer the `tool` message @param {readonly ChatMessage[]} messages */
function callOf(answer, messages) {
  const calls = messages.flatMap((message) => message.tool_calls ?? []);
  return calls.findLast(({ id }) => id === answer.tool_call_id);
}

/**
 * What one tool call did, told from the page's answer to it.
 *
 * @param {ChatMessage} answer the `tool` message
 * @param {readonly ChatMessage[]} messages
 */
function reportOf(answer, messages) {
  const call = callOf(answer, messages);
  const result = parsed(textOf(answer));
  const isRefusal = typeof result === 'string' && /^(?:error|the page refused)\b/i.test(result);
  const error = isRefusal ? result : isRecord(result) && /** @type {{error?: unknown}} */ (result).error;
  if (error) return `The page could not do it. It says: ${inCell(error)}`;
  const args = parsed(call?.function.arguments ?? '');
  const name = call ? `\`${call.function.name}\`` : 'the tool';
  const formResult = formResultOf(result);
  if (formResult) {
    const isFilled = formResult.status !== 'invalid' && isRecord(args);
    const table = isFilled ? `This is what I filled in:\n\n${tableOf(args)}\n\n` : '';
    return table + saidOfForm(formResult);
  }
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
 * What would put right what a page did not take. Once for each question: a page that takes nothing must not be asked
 * for ever.
 *
 * @param {readonly ChatMessage[]} results the `tool` messages
 * @param {ChatRequest} request
 */
function correctionsOf(results, { messages, tools }) {
  const question = messages.findLastIndex(({ role }) => role === 'user');
  const turns = messages.slice(question).filter(({ tool_calls: calls }) => (calls?.length ?? 0) > 0);
  if (turns.length > 1) return [];
  return results.flatMap((answer) => {
    const call = callOf(answer, messages);
    const tool = tools.find(({ name }) => name === call?.function.name);
    const result = formResultOf(parsed(textOf(answer)));
    const given = parsed(call?.function.arguments ?? '');
    const args = result && isRecord(given) ? correctionsFor(result, /** @type {any} */ (given)) : undefined;
    return tool && result && args ? [{ tool, args, result }] : [];
  });
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

    /** @param {ToolDescriptor} tool @param {object} args @returns {AsyncGenerator<StreamEvent, void>} */
    async function* callTool({ name }, args) {
      const id = `call_${randomUUID()}`;
      yield { type: 'tool_call_start', id, name, by: 'client' };
      for (const [delta] of JSON.stringify(args).matchAll(TOKEN)) {
        await waitForNext();
        outputTokens += 1;
        yield { type: 'tool_call_delta', id, delta };
      }
      yield { type: 'tool_call', id, name, args };
    }

    /** @param {readonly FormCall[]} calls @returns {AsyncGenerator<StreamEvent, void>} */
    async function* callForms(calls) {
      const isEmpty = calls.every(({ args }) => Object.keys(args).length === 0);
      yield* say(
        'text',
        isEmpty
          ? 'You name no values, so I fill in examples.'
          : 'I read your sentence by simple rules and fill in what I understood.',
      );
      for (const { tool, args } of calls) {
        yield* callTool(tool, isEmpty ? exampleArguments(tool, today()) : args);
      }
    }

    const results = trailingToolResults(messages);
    const question = textOf(messages.findLast((message) => message.role === 'user'));
    const calls = results.length === 0 ? formCallsFor(tools, question, today()) : [];
    const corrections = correctionsOf(results, { messages, tools });
    if (calls.length > 0) yield* callForms(calls);
    else if (corrections.length > 0) {
      for (const { tool, args, result } of corrections) {
        yield* say('text', `The page does not take it:\n\n${problemsOf(result)}\n\nI put that right.\n\n`);
        yield* callTool(tool, args);
      }
    } else if (results.length > 0) {
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
    yield {
      type: 'done',
      reason: calls.length + corrections.length > 0 ? 'tool_calls' : 'stop',
      complete: true,
    };
  }

  return { name: 'a search over the documentation (no language model)', answer };
}
