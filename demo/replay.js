const chat = document.querySelector('ai-stream-chat');
const player = document.querySelector('#player');
const status = document.querySelector('#status');

/** Long, with markdown, and in the dialect that most endpoints speak. */
const FIRST_CHOICE = 'openai-chat/openai--text-long.sse';

async function listRecordings() {
  const response = await fetch('/replay/');
  const answer = await response.json();
  if (!response.ok) {
    status.value = answer.error.message;
    return;
  }
  const groups = new Map();
  for (const { file, dialect, bytes } of answer.streams) {
    if (!groups.has(dialect)) {
      groups.set(dialect, Object.assign(document.createElement('optgroup'), { label: dialect }));
    }
    const name = file.slice(file.indexOf('/') + 1);
    groups.get(dialect).append(new Option(`${name} (${Math.ceil(bytes / 1024)} KB)`, file));
  }
  const select = player.elements.namedItem('file');
  select.append(...groups.values());
  if (answer.streams.some(({ file }) => file === FIRST_CHOICE)) select.value = FIRST_CHOICE;
}

player.addEventListener('submit', (event) => {
  event.preventDefault();
  const { file, ...how } = Object.fromEntries(new FormData(player));
  if (how.cut === '') delete how.cut;
  chat.stop();
  chat.clear();
  chat.src = `/replay/${file}?${new URLSearchParams(how)}`;
  status.value = `Playing ${file}.`;
  chat.send(`Play ${file}`);
});

chat.addEventListener('stream_start', ({ detail }) => {
  status.value = `The chat hears the dialect “${detail.dialect}”.`;
});
chat.addEventListener('stream_end', ({ detail }) => {
  status.value += detail.complete ? ' It is complete.' : ' It stopped short.';
});

await listRecordings();
