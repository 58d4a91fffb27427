import { messageText, type RunInput } from '../model/index.js';

/** Tokens that a completion may have unless the page says otherwise: these endpoints stop after a few by default. */
export const DEFAULT_MAX_TOKENS = 1024;

/** A conversation as one text to go on with. */
export interface Prompt {
  readonly text: string;
  /** Where to stop, so that the model does not play the user's part as well. */
  readonly stop: readonly string[];
}

const SPEAKERS = { user: 'User', assistant: 'Assistant', system: 'System', tool: 'Tool' } as const;

/** The prompt for an endpoint that completes text. A lone question stands as it is, all else as a transcript. */
export function encodePrompt({ system, messages }: RunInput): Prompt {
  const lines = messages.flatMap((message) => {
    const text = messageText(message).trim();
    return text === '' ? [] : [{ speaker: SPEAKERS[message.role], text }];
  });
  if (!system && lines.length === 1 && lines[0]?.speaker === SPEAKERS.user) {
    return { text: lines[0].text, stop: [] };
  }
  const transcript = lines.map(({ speaker, text }) => `${speaker}: ${text}`);
  return {
    text: [...(system ? [system] : []), ...transcript, `${SPEAKERS.assistant}:`].join('\n\n'),
    stop: [`\n\n${SPEAKERS.user}:`],
  };
}
