const list = document.querySelector('ai-virtual-list');
const range = document.querySelector('#range');

const WORDS = 'Rows are as tall as their text and this one says more than the row before it did'.split(' ');
const SENTENCE_COUNTS = [1, 1, 2, 1, 5, 1, 3, 1, 1, 12];

/** A row says the same whenever it is made, so that a row can be recognised. */
function textOf(number) {
  const sentences = SENTENCE_COUNTS[Math.abs(number) % SENTENCE_COUNTS.length];
  const length = sentences * 12;
  return Array.from({ length }, (_, index) => WORDS[(Math.abs(number) + index) % WORDS.length]).join(' ');
}

const rowsFrom = (first, count) => Array.from({ length: count }, (_, index) => ({ number: first + index }));

list.keyOf = (row) => row.number;
list.renderItem = (row) => {
  const element = document.createElement('div');
  element.className = 'list-row';
  const title = document.createElement('strong');
  title.textContent = row.number.toLocaleString('en');
  element.append(title, ` ${textOf(row.number)}`);
  return element;
};
list.items = rowsFrom(1, 100_000);

/** The same rows from a server that takes its time. */
const LATENCY = 40;
const isOffline = document.querySelector('#offline');
async function load(start, end, signal) {
  await new Promise((resolve) => setTimeout(resolve, LATENCY));
  signal.throwIfAborted();
  if (isOffline.checked) throw new Error('The server is away.');
  return list.items.slice(start, end);
}
document.querySelector('#source').addEventListener('change', ({ target }) => {
  list.source = target.checked ? { count: list.items.length, load } : undefined;
});
document.addEventListener('click', ({ target }) => {
  // Rows that were added are behind the source, which goes by its count.
  if (target.dataset.add && list.source) list.source = { count: list.items.length, load };
});

const lastIndex = () => list.items.length - 1;
const goTo = {
  start: () => list.scrollToIndex(0, { align: 'start' }),
  middle: () => list.scrollToIndex(Math.floor(lastIndex() / 2), { align: 'center' }),
  end: () => list.scrollToEnd(),
};
const add = {
  before: () => {
    list.items = [...rowsFrom(list.items[0].number - 100, 100), ...list.items];
  },
  after: () => {
    list.items = [...list.items, ...rowsFrom(list.items.at(-1).number + 1, 100)];
  },
};

document.querySelector('main').addEventListener('click', ({ target }) => {
  const { go, add: where } = target.dataset;
  if (go) goTo[go]();
  if (where) add[where]();
});

document.querySelector('#jump').addEventListener('submit', (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  const index = list.items.findIndex(({ number }) => number === Number(data.get('row')));
  if (index >= 0) list.scrollToIndex(index, { align: data.get('align') });
  else range.value = 'There is no such row.';
});

list.addEventListener('range_change', ({ detail: { first, last } }) => {
  const total = list.items.length.toLocaleString('en');
  range.value = `${last - first + 1} of ${total} rows are in the page.`;
});
