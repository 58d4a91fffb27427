import type { MessageError } from '../model/index.js';

/** Every text the elements show or announce. Functions get the values to put in. */
export interface Strings {
  readonly heading: string;
  readonly placeholder: string;
  readonly send: string;
  readonly stop: string;
  /** Of a draft that is sent when the answer is complete. */
  readonly waiting: string;
  /** Of the button that keeps such a draft. */
  readonly keepDraft: string;
  readonly retry: string;
  readonly continue: string;
  readonly toEnd: string;
  /** Of the same button, when messages have come meanwhile. */
  readonly newMessages: (count: number) => string;
  readonly earlierLoaded: (count: number) => string;
  readonly earlierFailed: string;
  readonly search: string;
  /** Of what was found: `place` of `count`, from 1 on; 0 of 0 is nothing. */
  readonly found: (place: number, count: number) => string;
  readonly transcript: string;
  readonly messageLabel: string;
  readonly userSaid: string;
  readonly assistantSaid: string;
  readonly responding: string;
  readonly interrupted: string;
  /** Of an answer that the reader, or the page, has stopped. */
  readonly stopped: string;
  readonly offline: string;
  /** What a reader is told of a failure; the page has the rest from `stream_error`. `isCut`: some of the answer has come. */
  readonly errorText: (error: MessageError, isCut: boolean) => string;
  /** `reason`: an `errorText`; `seconds` until the connection is made again; 0: at once. */
  readonly reconnecting: (reason: string, seconds: number) => string;
  readonly reasoning: string;
  readonly reasoningInProgress: string;
  readonly sources: string;
  readonly image: string;
  /** Of the button that loads an image. */
  readonly showImage: string;
  readonly linkQuestion: string;
  /** Of the whole address of a link. */
  readonly linkAddress: string;
  /** `site`: what the text of a link names, which is not where it leads. */
  readonly linkNames: (site: string) => string;
  /** The address has a name or a password before the site, which can be taken for the site. */
  readonly linkHasUser: string;
  /** The site has letters outside ASCII. */
  readonly linkImitates: string;
  /** The link is `http:`. */
  readonly linkIsOpen: string;
  readonly copyAddress: string;
  readonly cancel: string;
  readonly open: string;
  /** Of a block of code that names no language. */
  readonly code: string;
  readonly copy: string;
  readonly copyCode: string;
  readonly copied: string;
  /** Of the box of a task in a list. */
  readonly taskDone: string;
  readonly taskOpen: string;
  readonly toolPreparing: string;
  readonly toolRunning: string;
  readonly toolAsks: string;
  readonly toolDone: string;
  /** Of a call that the user did not allow. */
  readonly toolRefused: string;
  readonly toolFailed: string;
  /** Of a call whose answer broke off before its arguments were whole. */
  readonly toolIncomplete: string;
  /** Above what is about to run, where nobody has worded a question. */
  readonly toolQuestion: string;
  /** What is announced when a call waits for the user. */
  readonly toolAsksFor: (name: string) => string;
  readonly approve: string;
  readonly refuse: string;
  /** Of the button that takes back what a call did. */
  readonly undo: string;
  /** Of an answer that has used tools as often in a row as it may. */
  readonly manyTurns: string;
  readonly goOn: string;
  readonly toolArguments: string;
  readonly toolResult: string;
  /** Before the form of a page is submitted; `form`: its name. */
  readonly submitForm: (form: string) => string;
  readonly answerDone: (text: string, words: number) => string;
}

/** The English texts, which every other set completes. */
export const ENGLISH: Strings = {
  heading: 'Chat',
  placeholder: 'Write a message',
  send: 'Send',
  stop: 'Stop',
  waiting: 'Sent when the answer is complete.',
  keepDraft: 'Keep it here',
  retry: 'Try again',
  continue: 'Continue',
  toEnd: 'To the newest message',
  newMessages: (count) => (count === 1 ? '1 new message' : `${count} new messages`),
  earlierLoaded: (count) => (count === 1 ? '1 earlier message' : `${count} earlier messages`),
  earlierFailed: 'Earlier messages could not be loaded.',
  search: 'Find in the conversation',
  found: (place, count) => (count === 0 ? 'Nothing found' : `${place} of ${count}`),
  transcript: 'Conversation',
  messageLabel: 'Message',
  userSaid: 'You',
  assistantSaid: 'Assistant',
  responding: 'Responding',
  interrupted: 'The answer stopped before its end.',
  stopped: 'Stopped',
  offline: 'You are offline. The answer goes on as soon as you are back.',
  errorText,
  reconnecting: (reason, seconds) =>
    seconds < 2 ? `${reason} Connecting again…` : `${reason} Connecting again in ${seconds} seconds…`,
  reasoning: 'Reasoning',
  reasoningInProgress: 'Thinking',
  sources: 'Sources',
  image: 'Image',
  showImage: 'Show image',
  linkQuestion: 'Open this link?',
  linkAddress: 'Whole address',
  linkNames: (site) => `The text of the link names another site: ${site}`,
  linkHasUser: 'What stands before the @ in the address is not the site it leads to.',
  linkImitates: 'The name of the site has special letters, which can imitate another name.',
  linkIsOpen: 'The connection to this site is not encrypted.',
  copyAddress: 'Copy address',
  cancel: 'Cancel',
  open: 'Open link',
  code: 'Code',
  copy: 'Copy',
  copyCode: 'Copy code',
  copied: 'Copied',
  taskDone: 'Done',
  taskOpen: 'To do',
  toolPreparing: 'preparing',
  toolRunning: 'running',
  toolAsks: 'waits for your approval',
  toolDone: 'done',
  toolRefused: 'refused',
  toolFailed: 'failed',
  toolIncomplete: 'incomplete',
  toolQuestion: 'May this run?',
  toolAsksFor: (name) => `${name} waits for your approval.`,
  approve: 'Approve',
  refuse: 'Refuse',
  undo: 'Undo',
  manyTurns: 'The assistant has used tools many times in a row.',
  goOn: 'Go on',
  toolArguments: 'Arguments',
  toolResult: 'Result',
  submitForm: (form) => `Submit the form “${form}”?`,
  answerDone: (text, words) => (words === 0 ? text : `${text} ${words} words, complete.`),
};

/** Addresses, permissions and timeouts mean nothing to a reader. What the endpoint itself says does, and stays. */
function errorText({ code, message, recoverable }: MessageError, isCut: boolean): string {
  // Where trying again is of no use the page has to be mended, and the message says how.
  if (!recoverable) return message;
  if (code === 'timeout') return 'Nothing has come for too long.';
  if (code !== 'network') return message;
  return isCut ? 'The connection broke.' : 'The answer cannot be reached right now.';
}

/** Texts with the page's own in front of them. */
export function withStrings(overrides: Partial<Strings> | undefined): Strings {
  return overrides ? { ...ENGLISH, ...overrides } : ENGLISH;
}
