// The conversation that every list shows, and its rows: the same text for the same number, in every contender.
const WORDS = (
  'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not ' +
  'what all were we when your can said there use an each which she do how their if will up other about out many then'
).split(' ');

/** A mulberry32 generator. */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function sentence(random, length) {
  return Array.from({ length }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
}

/** A message: short paragraphs, code and lists, `grown` lines at its end. */
export function createItem(id) {
  const random = createRandom(id * 2_654_435_761 + 17);
  const count = 1 + Math.floor(random() * random() * 6);
  const blocks = Array.from({ length: count }, () => {
    const kind = random();
    if (kind < 0.65) return { type: 'p', lines: [sentence(random, 10 + Math.floor(random() * 60))] };
    const lines = Array.from({ length: 2 + Math.floor(random() * 8) }, () => sentence(random, 4));
    return { type: kind < 0.85 ? 'pre' : 'ul', lines };
  });
  return { id, blocks, grown: 0 };
}

export function createItems(count, first = 1_000_000) {
  return Array.from({ length: count }, (_, index) => createItem(first + index));
}

/** Px, from the length of the text: the same guess for every contender that takes one. */
export function estimateSize({ blocks, grown }) {
  const of = ({ type, lines }) => {
    if (type === 'p') return Math.ceil(lines[0].length / 65) * 20.3 + 8;
    return lines.length * (type === 'pre' ? 17 : 20.3) + (type === 'pre' ? 28 : 8);
  };
  return Math.round(blocks.reduce((sum, block) => sum + of(block), 28) + grown * 20.3);
}

export const ROW_STYLE = `
  .list-row { box-sizing: border-box; width: 100%; padding: 6px 12px; font: 14px/1.45 sans-serif }
  .list-row article { padding: 8px 12px; border-radius: 12px; background: #f2f3f5; overflow: hidden }
  .list-row p, .list-row ul { margin: 0 0 8px }
  .list-row pre { margin: 0 0 8px; padding: 10px; font: 12px/17px monospace; overflow-x: auto }
  .list-scroller { width: 100%; height: 100%; overflow-y: auto; position: relative }
`;

function createBlock({ type, lines }) {
  const element = document.createElement(type);
  if (type === 'ul') {
    element.append(
      ...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })),
    );
  } else element.textContent = lines.join('\n');
  return element;
}

function addLine(article, number) {
  const last = article.lastElementChild;
  const tail = last?.className === 'tail' ? last : document.createElement('p');
  tail.className = 'tail';
  if (tail.childNodes.length > 0) tail.append(document.createElement('br'));
  tail.append(`line ${number} of an answer`);
  article.append(tail);
}

export function createRow(item) {
  const row = document.createElement('div');
  row.className = 'list-row';
  row.dataset.key = item.id;
  const article = document.createElement('article');
  article.append(...item.blocks.map(createBlock));
  for (let line = 0; line < item.grown; line += 1) addLine(article, line);
  row.append(article);
  return row;
}

/** One more line at the end of an item, and of its row where it is mounted. */
export function grow(item, row) {
  if (row) addLine(row.firstElementChild, item.grown);
  item.grown += 1;
}
