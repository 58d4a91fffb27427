// Shows hostile texts, plays the reader, and looks at what came of it. Runs in the page, see hostile-text.test.mjs.

/** Scripts of a text that ran. Texts call one of these. */
globalThis.ran = 0;
for (const name of ['alert', 'confirm', 'prompt', 'print']) globalThis[name] = () => (globalThis.ran += 1);

/** Addresses that were opened in another tab. */
globalThis.opened = [];
globalThis.open = (url) => void globalThis.opened.push(String(url));

globalThis.violations = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
  globalThis.violations.push(`${violatedDirective} ${blockedURI} ${sample}`);
});

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

const words = (text) => text.split(' ');
/** What may stand in the rendered content of a message, written down once more beside the sanitizer's own list. */
const TAGS = words(
  'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i input kbd li mark ol p pre s strong sub sup table tbody td th thead tr u ul',
);
const HTML_TAGS = words(
  'abbr address article aside bdi bdo big caption center cite col colgroup dd details dfn div dl dt figcaption figure footer header hgroup ins main nav q rp rt ruby samp search section small span strike summary tfoot time tt var wbr',
);
const HTML_ATTRIBUTES = words(
  'class cite colspan datetime dir headers height id lang open reversed rowspan scope span title type valign value width',
);

/** Elements that the message itself puts around what the model wrote. */
const isOwn = (element) =>
  element.hasAttribute('data-chunk') || (element.localName === 'span' && element.part.contains('image'));

function isCanonical(address) {
  return URL.canParse(address) && new URL(address).href === address;
}

function isAllowed(element, { name, value }, keepsHtml) {
  if (isOwn(element)) return words('part exportparts data-chunk tabindex style').includes(name);
  const isLink = element.localName === 'a';
  switch (name) {
    case 'href':
      return isLink && isCanonical(value) && new URL(value).origin === location.origin;
    case 'title':
      if (isLink) return isCanonical(value) && /^(?:https?|mailto):/.test(value);
      break;
    case 'aria-label':
      return element.localName === 'input' && (value === 'Done' || value === 'To do');
    case 'role':
      return isLink && value === 'link';
    case 'tabindex':
      return isLink && value === '0';
    case 'class':
      if (/^language-\S+$/.test(value)) return true;
      break;
    case 'align':
      return true;
    case 'start':
      return element.localName === 'ol';
    case 'type':
    case 'checked':
    case 'disabled':
      if (element.localName === 'input') return true;
      break;
    default:
  }
  return keepsHtml && HTML_ATTRIBUTES.includes(name);
}

/** What stands in a message and should not. */
function offList(message) {
  const found = [];
  const keepsHtml = message.html;
  for (const content of message.shadowRoot.querySelectorAll('[part~="content"] *')) {
    const tag = content.localName;
    const isKnown = TAGS.includes(tag) || isOwn(content) || (keepsHtml && HTML_TAGS.includes(tag));
    if (!isKnown || content.namespaceURI !== 'http://www.w3.org/1999/xhtml') found.push(`<${tag}>`);
    for (const attribute of content.attributes) {
      if (!isAllowed(content, attribute, keepsHtml))
        found.push(`<${tag} ${attribute.name}="${attribute.value}">`);
    }
  }
  return found;
}

/** Does what a reader may do with everything that `root` shows. */
async function touchAll(root) {
  for (const element of root.querySelectorAll('*')) {
    for (const type of ['pointerover', 'mouseover', 'mouseenter', 'mousemove', 'pointerdown', 'mousedown']) {
      const options = { bubbles: true, composed: true, cancelable: true };
      element.dispatchEvent(new (type.startsWith('p') ? PointerEvent : MouseEvent)(type, options));
    }
    element.focus?.();
    element.click?.();
    element.dispatchEvent(new ToggleEvent('toggle', { newState: 'open' }));
  }
}

function cancelDialogs(message) {
  for (const host of message.shadowRoot.querySelectorAll(
    '[exportparts~="link-dialog"], [exportparts^="link-dialog"]',
  )) {
    host.shadowRoot.querySelector('button[value="cancel"]').click();
  }
}

/** A text, the text in words, and the text cut at ten places. */
function shownTexts(text) {
  const characters = [...text];
  const prefixes = Array.from({ length: 10 }, (_, tenth) =>
    characters.slice(0, Math.round((characters.length * tenth) / 10)).join(''),
  );
  return [text, `Words ${text} words`, ...prefixes];
}

async function streamText(message, text) {
  const step = Math.ceil(text.length / 6);
  for (let from = 0; from < text.length; from += step) {
    message.append(text.slice(from, from + step));
    await frame();
  }
  message.finish();
}

/** Shows a text in messages of its own, whole and as a stream, and touches all of it. Tells what came of it. */
async function showHostileText(text, { html, cut }) {
  const create = (content) => {
    const message = document.createElement('ai-stream-message');
    message.html = html;
    message.content = content;
    document.body.append(message);
    return message;
  };
  const messages = (cut ? shownTexts(text) : [text]).map(create);
  const streamed = create('');
  await streamText(streamed, text);
  const all = [...messages, streamed];
  await Promise.all(all.map((message) => message.settled));
  const problems = [];
  for (const message of all) {
    const found = offList(message);
    if (found.length > 0) problems.push(`${JSON.stringify(message.content)} shows ${found.join(', ')}`);
    await touchAll(message.shadowRoot.querySelector('[part~="content"]'));
    cancelDialogs(message);
  }
  if (streamed.renderedHtml !== messages[0].renderedHtml) {
    problems.push(
      `${JSON.stringify(text)} streams to ${streamed.renderedHtml}, is ${messages[0].renderedHtml}`,
    );
  }
  await frame();
  for (const message of all) message.remove();
  return problems;
}

/**
 * Shows texts beside each other. `html`: raw HTML is kept. `cut`: also what the first tenths of each text come to.
 */
async function showHostileTexts(texts, { html = false, cut = false } = {}) {
  const before = { size: document.querySelectorAll('*').length, violations: globalThis.violations.length };
  const found = await Promise.all(texts.map((text) => showHostileText(text, { html, cut })));
  const problems = found.flat();
  if (globalThis.ran > 0) problems.push('a script ran');
  for (const violation of globalThis.violations.slice(before.violations))
    problems.push(`reported: ${violation}`);
  if (document.querySelectorAll('*').length !== before.size) problems.push('something was put into the page');
  for (const url of globalThis.opened.splice(0)) {
    if (new URL(url, location.href).origin !== location.origin) problems.push(`${url} was opened unasked`);
  }
  return problems.map((problem) =>
    problem.startsWith('"') ? problem : `${JSON.stringify(texts)}: ${problem}`,
  );
}

/** Shows HTML as it is, in a frame of its own: where it leads away, it takes its frame along. */
async function showBare(html, name) {
  const page = document.createElement('iframe');
  page.name = name;
  page.sandbox = 'allow-scripts allow-same-origin allow-forms';
  page.src = '/?bare';
  const loaded = new Promise((resolve) => page.addEventListener('load', resolve, { once: true }));
  document.body.append(page);
  await loaded;
  const { contentDocument } = page;
  const root = contentDocument.createElement('div').attachShadow({ mode: 'open' });
  contentDocument.body.append(root.host);
  root.innerHTML = html;
  await touchAll(root);
  for (let left = 6; left > 0; left -= 1) await frame();
  const hasRun = page.contentWindow?.ran > 0;
  page.remove();
  return hasRun;
}

/** Shows these, several at a time, and tells which of them ran a script. */
async function showAllBare(texts) {
  const ran = [];
  const left = [...texts.entries()];
  const work = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [index, html] = next;
      // Another page is on another origin, and cannot be asked.
      if (await showBare(html, String(index)).catch(() => false)) ran.push(index);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return ran;
}

Object.assign(globalThis, { showHostileTexts, showAllBare });
