/** @typedef {import('./documentation.mjs').Section} Section */

/**
 * How well a section fits a question.
 *
 * @typedef {object} Hit
 * @property {Section} section
 * @property {number} score above 0, higher is better
 */

// Okapi BM25 with its usual constants: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009.
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

/** How many times a word of a heading counts. */
const HEADING_WEIGHT = 4;

const STOP_WORDS = new Set(
  (
    'a an and are as at be but by can do does for from has have how i if in into is it its me my not of on or ' +
    'our please show so tell that the their them then there these they this to use want was we what when where ' +
    'which who why will with would you your about give'
  ).split(' '),
);

/**
 * The words of a text as they are compared: lower case, without a plural's `s`, names like `tool_call` and
 * `toolCall` in their parts.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function wordsOf(text) {
  const apart = text.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
  return (apart.match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => (word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word));
}

/** @param {readonly string[]} words @returns {Map<string, number>} */
function countWords(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/**
 * Makes sections searchable.
 *
 * @param {readonly Section[]} sections
 * @returns {(question: string) => Hit[]} every section with a word of the question, the best first
 */
export function createSearch(sections) {
  const documents = sections.map((section) => {
    const heading = wordsOf(section.headings.join(' '));
    const words = [...wordsOf(section.text), ...Array.from({ length: HEADING_WEIGHT }, () => heading).flat()];
    return { section, length: words.length, counts: countWords(words) };
  });
  const averageLength = documents.reduce((sum, { length }) => sum + length, 0) / (documents.length || 1);
  const frequencies = countWords(documents.flatMap(({ counts }) => [...counts.keys()]));

  /** @param {string} word */
  const rarityOf = (word) => {
    const frequency = frequencies.get(word) ?? 0;
    return Math.log(1 + (documents.length - frequency + 0.5) / (frequency + 0.5));
  };

  return (question) => {
    const asked = [...new Set(wordsOf(question))].map((word) => ({ word, rarity: rarityOf(word) }));
    return documents
      .map(({ section, length, counts }) => {
        const norm = SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * length) / averageLength);
        const score = asked.reduce((sum, { word, rarity }) => {
          const count = counts.get(word) ?? 0;
          return sum + (rarity * count * (SATURATION + 1)) / (count + norm);
        }, 0);
        return { section, score };
      })
      .filter(({ score }) => score > 0)
      .toSorted((one, other) => other.score - one.score);
  };
}
