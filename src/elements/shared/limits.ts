import {
  DEFAULT_MAX_ANSWER_CHARS,
  DEFAULT_MAX_FRAME_CHARS,
  DEFAULT_RENDER_LIMITS,
  DEFAULT_RENDER_TIMEOUT,
  DEFAULT_TOOL_LIMITS,
  type RenderLimits,
  type ToolLimits,
} from '../../core/index.js';
import { numberFrom0 } from './attributes.js';
import { warnOnce } from './warn-once.js';

/** How much is taken in and shown. What happens beyond each limit stands in docs/threat-model.md. */
export interface Limits extends RenderLimits, ToolLimits {
  /** Characters of one event of a stream; beyond it the answer fails. Default: 1,048,576. */
  readonly maxFrameChars: number;
  /** Characters of one answer, which is cut there; of one text, where the page sets it. Default: 1,048,576. */
  readonly maxAnswerChars: number;
  /** Milliseconds a worker has for one piece of a text, which is shown as it is written else. Default: 1000. */
  readonly renderTimeout: number;
}

const DEFAULTS: Limits = {
  ...DEFAULT_RENDER_LIMITS,
  ...DEFAULT_TOOL_LIMITS,
  maxFrameChars: DEFAULT_MAX_FRAME_CHARS,
  maxAnswerChars: DEFAULT_MAX_ANSWER_CHARS,
  renderTimeout: DEFAULT_RENDER_TIMEOUT,
};

/** All limits. What is no limit, or no number from 0 up, is left out, with a warning. */
export function completeLimits(overrides: Partial<Limits>): Limits {
  const limits: Record<keyof Limits, number> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(overrides)) {
    if (isLimit(name)) limits[name] = numberFrom0(`limits.${name}`, value, DEFAULTS[name]);
    else
      warnOnce(
        `limit:${name}`,
        `there is no limit "${name}". There are: ${Object.keys(DEFAULTS).join(', ')}`,
      );
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(DEFAULTS, name);
}
