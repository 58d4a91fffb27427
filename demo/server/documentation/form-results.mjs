// Reads what a page's form told of a call (docs/tools.md): what is wrong, what can be put right, what is to be said.

/**
 * @typedef {object} FormResult
 * @property {'invalid' | 'filled' | 'submitted' | 'declined'} status
 * @property {ReadonlyArray<{field: string, constraint: string, message: string, limit?: string}>} [invalid]
 * @property {readonly string[]} [kept]
 * @property {readonly string[]} [refused]
 * @property {unknown} [result]
 */

/** @param {unknown} result @returns {FormResult | undefined} */
export function formResultOf(result) {
  const isOne =
    typeof result === 'object' &&
    result !== null &&
    /^(?:invalid|filled|submitted|declined)$/.test(/** @type {{status?: string}} */ (result).status ?? '');
  return isOne ? /** @type {FormResult} */ (result) : undefined;
}

/**
 * Other arguments for what a form did not take, by simple rules: a number or a date at its limit, a text cut to its
 * length.
 *
 * @param {FormResult} result
 * @param {Readonly<Record<string, unknown>>} args of the call
 * @returns {Record<string, unknown> | undefined} undefined: only the user can tell
 */
export function correctionsFor({ status, invalid = [] }, args) {
  if (status !== 'invalid') return undefined;
  /** @type {Record<string, unknown>} */
  const corrected = {};
  for (const { field, constraint, limit } of invalid) {
    const value = args[field];
    if (limit === undefined || value === undefined) return undefined;
    if (constraint === 'min' || constraint === 'max') {
      corrected[field] = typeof value === 'number' ? Number(limit) : limit;
    } else if (constraint === 'maxlength') corrected[field] = String(value).slice(0, Number(limit));
    else return undefined;
  }
  return corrected;
}

/** @param {FormResult} result @returns {string} what is wrong, in markdown */
export const problemsOf = ({ invalid = [] }) =>
  invalid.map(({ field, message }) => `- **${field}**: ${message}`).join('\n');

/** @param {FormResult} result @returns {string} what became of a form, in markdown */
export function saidOfForm(result) {
  const { status, kept = [], refused = [] } = result;
  const said = {
    invalid: `The page does not take it as it stands:\n\n${problemsOf(result)}\n\nTell me what to put there.`,
    filled: 'Please check it. I have sent nothing.',
    submitted: 'You approved it, and the page has sent it.',
    declined: 'You did not want it sent, so it was not.',
  }[status];
  const list = (/** @type {readonly string[]} */ names) => names.map((name) => `**${name}**`).join(', ');
  return [
    said,
    ...(kept.length > 0 ? [`What you wrote yourself I left alone: ${list(kept)}.`] : []),
    ...(refused.length > 0 ? [`The page does not let me fill in ${list(refused)}.`] : []),
    ...(result.result === undefined ? [] : [`The page reports: \`${JSON.stringify(result.result)}\``]),
  ].join('\n\n');
}
