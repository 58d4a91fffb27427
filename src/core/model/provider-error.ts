import { isRecord } from './json.js';

/** A failure in an endpoint's own words. */
export interface ProviderError {
  readonly message: string;
  readonly code?: string | number | undefined;
  readonly type?: string | undefined;
}

const MAX_MESSAGE_CHARS = 1000;

/** HTTP statuses after which the same request may succeed. */
export function isRecoverableStatus(status: number): boolean {
  return status >= 500 || status === 408 || status === 409 || status === 425 || status === 429;
}

/** The words providers use for failures that the same request will meet again. */
const PERMANENT =
  /invalid|auth|permission|forbidden|denied|not_?found|quota|billing|credit|unsupported|too_long|context_length|moderation/i;

/** Whether the same request may succeed, as far as the error's own code and type tell. */
export function isRecoverable({ code, type }: ProviderError): boolean {
  const status = Number(code);
  if (status >= 400 && status < 600) return isRecoverableStatus(status);
  return !PERMANENT.test(`${code ?? ''} ${type ?? ''}`);
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value.trim() !== '');
}

function describe(
  message: string,
  { code, type, error_type, status }: Record<string, unknown>,
  inner: Partial<ProviderError> = {},
): ProviderError {
  const ownCode = typeof code === 'string' || typeof code === 'number' ? code : inner.code;
  // `type: "error"` says what kind of event it is, not what went wrong.
  const ownType = inner.type ?? firstText(type === 'error' ? undefined : type, error_type, status);
  return {
    message: message.slice(0, MAX_MESSAGE_CHARS),
    code: ownCode,
    type: ownType,
  };
}

/**
 * Reads the shapes in which endpoints report a failure: `{error: "…"}`, `{error: {message, code, type}}`,
 * `{detail: "…"}`, `{detail: [{loc, msg}]}`, `{message}`, an array around one of them, or a bare string.
 * Undefined where there is no message to be found.
 */
export function readProviderError(value: unknown): ProviderError | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : describe(value.trim(), {});
  if (Array.isArray(value)) {
    const errors = value.flatMap((item) => readProviderError(item) ?? []);
    if (errors[0] === undefined) return undefined;
    return { ...errors[0], message: errors.map((error) => error.message).join('; ') };
  }
  if (!isRecord(value)) return undefined;
  const { error, detail, message, msg, loc } = value;
  if (typeof error === 'object' && error !== null) {
    const inner = readProviderError(error);
    if (inner) return describe(inner.message, inner.code === undefined ? value : { ...inner }, inner);
    return describe(firstText(message) ?? JSON.stringify(error), value);
  }
  if (typeof detail === 'object' && detail !== null) {
    const inner = readProviderError(detail);
    if (inner) return describe(inner.message, {}, inner);
  }
  const text = firstText(message, error, detail, msg);
  if (text !== undefined) {
    return describe(Array.isArray(loc) ? `${loc.join('.')}: ${text}` : text, value);
  }
  if (typeof message === 'object' && message !== null) return readProviderError(message);
  return undefined;
}
