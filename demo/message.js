const byId = (id) => document.getElementById(id);

const fromText = byId('from-text');
byId('set-content').addEventListener('click', () => {
  fromText.content =
    'Now the content was **set** by a script:\n\n```js\nmessage.content = "Now the content was **set** …";\n```';
});

const DELTAS = 10_000;
const fromScript = byId('from-script');

/** Text with all that takes work to show, as many pieces as asked for. */
function* deltas(count) {
  const block =
    '### A heading\n\nSome words with **weight** and `code`, and a list:\n\n- one\n- two\n- three\n\n' +
    '| Column | Another |\n| --- | --- |\n| cell | cell |\n\n```js\nconst answer = 42;\n```\n\n';
  const pieces = block.match(/\s*\S{1,6}|\s+/gu);
  for (let index = 0; index < count; index += 1) yield pieces[index % pieces.length];
}

byId('append').addEventListener('click', async () => {
  const start = performance.now();
  fromScript.content = '';
  for (const delta of deltas(DELTAS)) fromScript.append(delta);
  fromScript.finish();
  await fromScript.settled;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  byId('append-result').value = `${DELTAS.toLocaleString('en')} pieces are on the page after ${seconds} s.`;
});

let answer;
byId('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  const question = new FormData(event.target).get('question');
  // A message streams its `src` as soon as it is connected, and stops when it is taken away.
  answer = document.createElement('ai-stream-message');
  answer.setAttribute('method', 'GET');
  answer.setAttribute('src', `/api/chat?message=${encodeURIComponent(question)}`);
  byId('answer-result').value = '';
  byId('answer').replaceChildren(answer);
});
byId('stop').addEventListener('click', () => answer?.stop());
byId('answer').addEventListener('stream_end', ({ detail }) => {
  byId('answer-result').value = detail.complete ? 'The answer is complete.' : 'The answer stopped short.';
});
