// What runs in the page: a contender, and the frames in which it is fed. browser.mjs calls it.
import { CONTENDERS } from './contenders.js';

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

async function frames(count) {
  for (let left = count; left > 0; left -= 1) await nextFrame();
}

const scroller = document.getElementById('scroller');
const root = document.getElementById('root');
let contender;
let text = '';
let position = 0;

/** A string of its own, as one that came over the wire: a slice would keep all of the text alive. */
const copy = (slice) => JSON.parse(JSON.stringify(slice));

function feed(length) {
  contender.feed(text.slice(position, position + length));
  position += length;
}

function scrollToEnd() {
  scroller.scrollTop = 1e9;
}

globalThis.bench = {
  async create(name, url) {
    contender = await CONTENDERS[name](root);
    text = url ? await (await fetch(url)).text() : '';
    position = 0;
    await frames(10);
  },

  /** Shows the text up to a length, in big bites; out of sight where layout would take most of the time. */
  async fill(length, isHidden = false) {
    scroller.hidden = isHidden;
    const bite = Math.max(20_000, Math.ceil(length / 20));
    while (position < length) {
      feed(Math.min(bite, length - position));
      await contender.settled();
      await nextFrame();
    }
    scroller.hidden = false;
    scrollToEnd();
    // What was put off has its frames now, not in the measurement.
    await frames(10);
  },

  /** Feeds once per frame, pinned to the bottom. */
  async stream(count, perFrame) {
    await new Promise((resolve) => {
      let left = count;
      // Not after a promise: Chromium counts what runs there as nobody's script.
      const next = () => {
        performance.mark('frame');
        feed(perFrame);
        scrollToEnd();
        left -= 1;
        if (left > 0) requestAnimationFrame(next);
        else resolve();
      };
      requestAnimationFrame(next);
    });
    await frames(2);
    performance.mark('end');
  },

  /** The whole text at once, through to what is checked at its end. */
  async burst(isPaste) {
    await nextFrame();
    performance.mark('frame');
    if (isPaste) contender.paste(text);
    else {
      contender.feed(text);
      contender.finish();
    }
    await contender.settled();
    scrollToEnd();
    await frames(10);
    performance.mark('end');
    position = text.length;
  },

  /** Streams all of the text in small deltas, many to a frame, and keeps none of it. */
  async streamAll(deltaLength, perFrame) {
    while (position < text.length) {
      await nextFrame();
      const pause = Math.min(text.length, position + perFrame);
      for (; position < pause; position += deltaLength)
        contender.feed(copy(text.slice(position, Math.min(pause, position + deltaLength))));
    }
    text = '';
    await contender.settled();
    await frames(10);
  },

  async finish() {
    contender.finish();
    await contender.settled();
    await frames(10);
  },

  async remove() {
    contender.remove();
    contender = undefined;
    text = '';
    await frames(10);
  },

  html: () => contender.html(),

  /** These nodes, and nobody who knows of them. */
  async showHtml(html) {
    const host = document.createElement('div');
    host.attachShadow({ mode: 'open' }).innerHTML = html;
    root.append(host);
    await frames(10);
  },

  /** Share of the text that is shown. */
  shown: () => contender.node().textContent.length / position,
};
