const chat = document.querySelector('ai-stream-chat');
const form = document.querySelector('#network');
const status = document.querySelector('#status');
const log = document.querySelector('#log');

/** Lines that the log keeps. */
const MAX_LINES = 200;

/** A network of this page's own, so that no other page suffers with it. */
const network = `/api/faulty/${Math.random().toString(36).slice(2)}`;

chat.src = `${network}/chat`;
chat.resumeSrc = `${network}/chat/runs/{streamId}`;
chat.cancelSrc = `${network}/chat/runs/{streamId}/cancel`;

function write(line) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  log.append(`${line}\n`);
  if (log.childNodes.length > MAX_LINES) log.firstChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

/** Tells the server what is to go wrong on this page's network. */
async function trouble(fault, value) {
  const response = await fetch(`${network}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [fault]: value }),
  });
  if (!response.ok) status.value = (await response.json()).error.message;
  return response.ok;
}

form.addEventListener('submit', (event) => event.preventDefault());

form.addEventListener('change', async () => {
  const { transport, breakEvery } = form.elements;
  // Holds from the next connection on.
  chat.transport = transport.value;
  const count = Number(breakEvery.value);
  if (await trouble('breakEvery', count)) {
    status.value = count > 0 ? `Every connection breaks after ${count} events.` : 'No connection breaks.';
  }
});

form.addEventListener('click', async ({ target }) => {
  if (target.type !== 'button') return;
  if (await trouble(target.name, JSON.parse(target.value))) status.value = `Done: ${target.textContent}.`;
});

chat.addEventListener('state_change', ({ detail }) => write(`${detail.previous} → ${detail.state}`));

chat.addEventListener('stream_end', ({ detail: { reason, complete, metrics } }) => {
  const { reconnects, bytes, timeToFirstToken, duration } = metrics;
  write(
    [
      `${complete ? 'complete' : 'incomplete'} (${reason})`,
      `reconnects: ${reconnects}`,
      `bytes: ${bytes}`,
      `first token: ${timeToFirstToken === undefined ? 'none' : `${Math.round(timeToFirstToken)} ms`}`,
      `in all: ${Math.round(duration)} ms`,
    ].join('\n  '),
  );
});
