import type { RunPhase } from '../../../core/index.js';

export interface MessageSendDetail {
  readonly text: string;
}

/** The user sends a message. Before it is added; `preventDefault()` keeps it back, and the draft stays. */
export class MessageSendEvent extends CustomEvent<MessageSendDetail> {
  constructor(detail: MessageSendDetail) {
    super('message_send', { bubbles: true, composed: true, cancelable: true, detail });
  }
}

export interface StateChangeDetail {
  readonly state: RunPhase;
  readonly previous: RunPhase;
}

/** `state` has changed. */
export class StateChangeEvent extends CustomEvent<StateChangeDetail> {
  constructor(detail: StateChangeDetail) {
    super('state_change', { bubbles: true, composed: true, detail });
  }
}

export interface DataDetail {
  readonly name: string;
  readonly value: unknown;
}

/** The endpoint sent something for the page. */
export class DataReceivedEvent extends CustomEvent<DataDetail> {
  constructor(detail: DataDetail) {
    super('data', { bubbles: true, composed: true, detail });
  }
}
