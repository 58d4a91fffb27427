import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, AiStreamMessageElement } from '../../../src/index.js';
import { endpoint } from '../support.js';

function shown(message: Element): string {
  return message.shadowRoot!.querySelector('[part~="content"]')!.textContent!;
}

/** What the console is warned of meanwhile. */
async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void texts.push(text);
  await work();
  console.warn = warn;
  return texts;
}

describe('limits', () => {
  it('of a message are overridden by name, in an attribute too', async () => {
    const message = await fixture<AiStreamMessageElement>(
      html`<ai-stream-message limits='{"maxElements": 3}'></ai-stream-message>`,
    );
    message.content = '# *a* b\n\n- c\n- d\n';
    await message.settled;
    expect(message.renderedHtml).to.contain('<li>');
    message.content = '# *a*\n\n*b*\n\n*c*\n\n*d*\n\n*e*\n\n*f*\n';
    await message.settled;
    expect(shown(message)).to.equal('# *a*\n\n*b*\n\n*c*\n\n*d*\n\n*e*\n\n*f*\n');
  });

  it('show a text as it is written, with its blanks and lines, and the next one as ever', async () => {
    const message = await fixture<AiStreamMessageElement>(
      html`<ai-stream-message .limits=${{ maxTableCells: 2 }}></ai-stream-message>`,
    );
    const table = '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |\n'.replaceAll(' ', '');
    message.content = table;
    await message.settled;
    expect(shown(message)).to.equal(table);
    const height = message.getBoundingClientRect().height;
    message.content = 'one line';
    await message.settled;
    expect(message.renderedHtml).to.equal('<p>one line</p>\n');
    expect(height).to.be.above(4 * message.getBoundingClientRect().height);
  });

  it('cut a text that the page sets where it is too long, and say so', async () => {
    const message = await fixture<AiStreamMessageElement>(
      html`<ai-stream-message .limits=${{ maxAnswerChars: 10 }}></ai-stream-message>`,
    );
    message.content = '0123456789 and more';
    await message.settled;
    expect(shown(message).trim()).to.equal('0123456789…');
    message.append('more');
    await message.settled;
    expect(shown(message).trim()).to.equal('0123456789…');
  });

  it('of a chat hold for its answers: the answer is cut, and what has come stays', async () => {
    const { src } = endpoint('many', { count: '1000' });
    const chat = await fixture<AiStreamChatElement>(
      html`<ai-stream-chat src=${src} .limits=${{ maxAnswerChars: 100 }}></ai-stream-chat>`,
    );
    const outcome = await chat.send('Hello');
    expect(outcome!.complete).to.equal(false);
    const answer = chat.messages.at(-1)!;
    expect(answer.error!.code).to.equal('limit');
    expect(JSON.stringify(answer.parts)).to.contain('0 1 2 3');
  });

  it('of a chat hold for single events', async () => {
    const { src } = endpoint('giant-event');
    const chat = await fixture<AiStreamChatElement>(
      html`<ai-stream-chat src=${src} .limits=${{ maxFrameChars: 1000 }} max-retries="0"></ai-stream-chat>`,
    );
    await chat.send('Hello');
    expect(chat.messages.at(-1)!.error!.message).to.contain('1000 characters');
  });

  it('that are none, or no numbers, are left out with a warning', async () => {
    const message = await fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
    const warnings = await warningsOf(async () => {
      message.limits = { maxNesting: -1, ...({ maxNodes: 5 } as object) };
      message.content = `${'> '.repeat(60)}deep`;
      await message.settled;
    });
    expect(warnings.join()).to.contain('limits.maxNesting is not a number from 0 up: 100 is used');
    expect(warnings.join()).to.contain('there is no limit "maxNodes"');
    expect(message.renderedHtml.split('<blockquote>').length).to.equal(61);
  });
});

describe('a text that is written from right to left', () => {
  it('gives its message the direction of its first letter', async () => {
    const message = await fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
    const direction = () =>
      getComputedStyle(message.shadowRoot!.querySelector('[part~="content"]')!).direction;
    message.content = '## 1. \u05E9\u05DC\u05D5\u05DD and more';
    await message.settled;
    expect(direction()).to.equal('rtl');
    message.content = 'more and \u05E9\u05DC\u05D5\u05DD';
    await message.settled;
    expect(direction()).to.equal('ltr');
    message.content = '<b>\u0645\u0631\u062D\u0628\u0627</b>';
    await message.settled;
    expect(direction()).to.equal('rtl');
  });
});
