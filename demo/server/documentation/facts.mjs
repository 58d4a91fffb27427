// Finds facts in one English sentence. What it understands:
//
//   name     "my name is …", "I am …", "name: …", "under the name …", "for …" before a capitalised name
//   email    anything@that.looks like one
//   date     2026-05-04 · 4 May 2026 · May 4th · 04.05.2026 · today · tomorrow · Friday, next Friday
//   time     at 19:30 · at 7 pm
//   guests   4 people · four guests · table for two · party of 5
//   price    under 80 · at most 80 · up to $80
//   notes    "note: …", "notes: …", "please note …", to the end of the sentence

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const NUMBERS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');

const MONTH = String.raw`(${MONTHS.map((month) => `${month.slice(0, 3)}(?:${month.slice(3)})?`).join('|')})\b\.?`;
const NUMBER = String.raw`(\d{1,3}|${NUMBERS.join('|')})`;
const CAPITALISED = String.raw`(?:\p{Lu}\.|\p{Lu}[\p{L}'’-]*)`;
const PARTICLE = '(?:van|von|de|da|del|la|der|den)';
/** "Anna Maria Berg", "J. van Berg". */
const PROPER_NAME = String.raw`(${CAPITALISED}(?:\s+(?:${PARTICLE}\s+)*${CAPITALISED}){0,3})`;

/** @param {number} year @param {number} month 0 to 11 @param {number} day */
function isoDate(year, month, day) {
  const date = new Date(Date.UTC(year, month, day));
  return date.getUTCDate() === day && date.getUTCMonth() === month
    ? date.toISOString().slice(0, 10)
    : undefined;
}

/** @param {Date} today @param {number} days */
const daysAfter = (today, days) =>
  isoDateOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() + days));

/** @param {Date} date */
const isoDateOf = (date) => isoDate(date.getFullYear(), date.getMonth(), date.getDate());

/**
 * A day of the calendar; without a year the next one that comes.
 *
 * @param {string} day
 * @param {number} month 0 to 11
 * @param {string | undefined} year
 * @param {Date} today
 */
function calendarDay(day, month, year, today) {
  if (year) return isoDate(Number(year), month, Number(day));
  const thisYear = isoDate(today.getFullYear(), month, Number(day));
  const isPast = thisYear !== undefined && thisYear < (isoDateOf(today) ?? '');
  return isPast ? isoDate(today.getFullYear() + 1, month, Number(day)) : thisYear;
}

/** @param {string} name */
const monthOf = (name) => MONTHS.findIndex((month) => month.startsWith(name.slice(0, 3).toLowerCase()));

/** @param {string} sentence @param {Date} today @returns {string | undefined} ISO 8601 */
function findDate(sentence, today) {
  const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(sentence);
  if (iso) return isoDate(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const dotted = /\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b/.exec(sentence);
  if (dotted) return isoDate(Number(dotted[3]), Number(dotted[2]) - 1, Number(dotted[1]));
  const year = String.raw`(?:,?\s+(\d{4})\b)?`;
  const dayFirst = new RegExp(String.raw`\b(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?${MONTH}${year}`, 'i').exec(
    sentence,
  );
  if (dayFirst) return calendarDay(dayFirst[1] ?? '', monthOf(dayFirst[2] ?? ''), dayFirst[3], today);
  const monthFirst = new RegExp(String.raw`\b${MONTH}\s+(\d{1,2})(?:st|nd|rd|th)?\b${year}`, 'i').exec(
    sentence,
  );
  if (monthFirst) return calendarDay(monthFirst[2] ?? '', monthOf(monthFirst[1] ?? ''), monthFirst[3], today);
  if (/\bday after tomorrow\b/i.test(sentence)) return daysAfter(today, 2);
  if (/\btomorrow\b/i.test(sentence)) return daysAfter(today, 1);
  if (/\b(?:today|tonight)\b/i.test(sentence)) return daysAfter(today, 0);
  const weekday = new RegExp(String.raw`\b(${WEEKDAYS.join('|')})\b`, 'i').exec(sentence)?.[1];
  if (!weekday) return undefined;
  const ahead = (WEEKDAYS.indexOf(weekday.toLowerCase()) - today.getDay() + 7) % 7;
  return daysAfter(today, ahead || 7);
}

/** @param {string} sentence @returns {string | undefined} `HH:MM` */
function findTime(sentence) {
  const match = /\b(?:at\s+)?(\d{1,2}):(\d{2})\s*([ap]m)?\b|\b(?:at\s+)?(\d{1,2})\s*([ap]m)\b/i.exec(
    sentence,
  );
  if (!match) return undefined;
  const half = (match[3] ?? match[5] ?? '').toLowerCase();
  let hour = Number(match[1] ?? match[4]);
  if (half === 'pm' && hour < 12) hour += 12;
  if (half === 'am' && hour === 12) hour = 0;
  const minute = Number(match[2] ?? 0);
  if (hour > 23 || minute > 59) return undefined;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** @param {string} sentence @returns {number | undefined} */
function findGuests(sentence) {
  const counted = String.raw`\b${NUMBER}\s+(?:people|persons?|guests?|adults?|seats?|of us)\b`;
  const named = String.raw`\b(?:table|party|group|dinner|lunch|seats?|guests|people)\s*(?:for|of|:|=)?\s*${NUMBER}\b`;
  const plain = String.raw`\bfor\s+${NUMBER}(?=\s*(?:$|[,.;!]|on\b|at\b|and\b|by\b|under\b|tomorrow|today|tonight))`;
  for (const pattern of [counted, named, plain]) {
    const word = new RegExp(pattern, 'i').exec(sentence)?.[1]?.toLowerCase();
    if (word) return NUMBERS.includes(word) ? NUMBERS.indexOf(word) + 1 : Number(word);
  }
  return undefined;
}

/** @param {string} sentence @returns {string | undefined} */
function findName(sentence) {
  const introduced = String.raw`(?:[Mm]y name is|[Nn]ame\s*(?:is|:|=)|[Uu]nder the name(?: of)?|\bI am|\bI['’]m|[Tt]his is|[Nn]amed)\s+`;
  const isCalendarWord = (/** @type {string} */ word) =>
    [...WEEKDAYS, ...MONTHS].includes((word.split(/\s/)[0] ?? '').toLowerCase());
  for (const start of [introduced, String.raw`\b(?:for|as)\s+`]) {
    for (const match of sentence.matchAll(new RegExp(start + PROPER_NAME, 'gu'))) {
      const name = match[1]?.replace(/[.,'’-]+$/, '');
      if (name && !isCalendarWord(name)) return name;
    }
  }
  return undefined;
}

/** @param {string} sentence @returns {string | undefined} */
function findNotes(sentence) {
  const match =
    /\b(?:notes?|remarks?|comments?|requests?)\s*(?:is|are)?\s*[:=]\s*(.+)$|\bplease note(?: that)?:?\s+(.+)$/is.exec(
      sentence,
    );
  return (match?.[1] ?? match?.[2])?.trim().replace(/^["“](.*)["”]$/s, '$1');
}

/** @param {string} sentence @returns {number | undefined} */
function findLimit(sentence) {
  const limit = /\b(?:under|below|less than|at most|up to|max(?:imum)?)\s*[$€£]?\s*(\d+)/i.exec(
    sentence,
  )?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/**
 * Which fields a fact belongs into, by the field's name, and how it is found. The first that fits a field is taken.
 *
 * @type {ReadonlyArray<{field: RegExp, find: (sentence: string, today: Date) => string | number | undefined}>}
 */
export const FACTS = [
  { field: /mail/i, find: (sentence) => /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/.exec(sentence)?.[0] },
  { field: /date|day|arriv|when/i, find: findDate },
  { field: /time|hour/i, find: findTime },
  { field: /guests|people|persons|party|count|number_?of|seats/i, find: findGuests },
  { field: /price|cost|budget/i, find: findLimit },
  { field: /note|comment|remark|request|message|wish/i, find: findNotes },
  { field: /name|customer|contact/i, find: findName },
];
