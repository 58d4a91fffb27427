// The forms of the demo, driven by chat: asked, filled in, corrected, approved, sent by the page's own handler.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { createDocumentationModel } from '../../demo/server/models/documentation-model.mjs';
import { createDemoServer } from '../../demo/server/server.mjs';
import { launch, listen, openPage } from './support.mjs';

const BOOKING =
  'Book a table for Ada Lovelace, ada@example.com, 2027-03-04 at 19:30, 15 people, by the window. Notes: a quiet corner';
const FILLED = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  date: '2027-03-04',
  time: '19:30',
  seating: 'window',
  notes: 'a quiet corner',
};

let browser;
let demo;
/** The model waits at this place in the arguments until `goOn` is called. */
let holdAt;
let goOn;

let held;

function hold(place) {
  holdAt = place;
  held = new Promise((resolve) => {
    goOn = resolve;
  });
}

/** A model that waits where a test wants it to. */
function holding(model) {
  return {
    ...model,
    async *answer(request, signal) {
      let args = '';
      for await (const event of model.answer(request, signal)) {
        yield event;
        if (event.type !== 'tool_call_delta') continue;
        args += event.delta;
        if (holdAt === undefined || !args.includes(holdAt)) continue;
        holdAt = undefined;
        await Promise.race([held, once(signal, 'abort')]);
      }
    },
  };
}

before(async () => {
  browser = await launch();
  // Slow enough for a frame or two in each field.
  demo = await listen(
    createDemoServer({
      model: holding(createDocumentationModel({ sections: [], tokensPerSecond: 200 })),
    }),
  );
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const TRANSPORTS = { sse: () => '/api/chat', websocket: () => `${demo.url.replace('http', 'ws')}/api/chat` };

for (const [transport, src] of Object.entries(TRANSPORTS)) {
  describe(`a form of the page over ${transport}`, { timeout: 180_000 }, () => {
    /** A demo page whose chat asks over this transport. */
    async function open(name) {
      holdAt = undefined; // The test before may have ended its run before that place.
      const opened = await openPage(browser, `${demo.url}/${name}.html`);
      const chat = opened.page.locator('ai-stream-chat');
      await chat.evaluate((element, address) => {
        element.src = address;
      }, src());
      return {
        ...opened,
        chat,
        /** Fulfils with the outcome of the run. */
        send: (text) => chat.evaluate((element, sentence) => element.send(sentence), text),
        values: () =>
          opened.page
            .locator('form[toolname]')
            .first()
            .evaluate((form) => Object.fromEntries(new FormData(form))),
        answer: async () => {
          await chat.evaluate((element) => element.settled);
          return chat.locator('ai-stream-message [part~="content"]').last().innerText();
        },
      };
    }

    it('is filled in while the arguments arrive, corrected, approved, and sent by the page', async () => {
      const { page, problems, close, chat, send, values, answer } = await open('booking');
      await page.evaluate(() => {
        globalThis.shown = [];
        const form = document.querySelector('form');
        form.addEventListener('input', ({ target }) => {
          globalThis.shown.push([target.name, target.value]);
        });
      });
      hold('"guests"');
      const ended = send(BOOKING);
      await page.waitForFunction(() => document.querySelector('[name=time]').value !== '');
      const { name, email, date, time } = FILLED;
      const shownSoFar = { name, email, date, time, guests: '', seating: '', notes: '' };
      assert.deepEqual(await values(), shownSoFar, 'fields fill in while the answer arrives');
      goOn();
      await chat.getByRole('button', { name: 'Approve' }).waitFor();
      assert.deepEqual(await values(), { ...FILLED, guests: '12' });

      const shown = await page.evaluate(() => globalThis.shown);
      const of = (field) => shown.filter(([control]) => control === field).map(([, value]) => value);
      assert.ok(
        of('name').every((value) => FILLED.name.startsWith(value)),
        'a text grows',
      );
      assert.deepEqual(of('date'), [FILLED.date]);
      assert.deepEqual(of('time'), [FILLED.time]);
      assert.deepEqual(of('seating'), [FILLED.seating]);
      assert.deepEqual(of('guests'), ['15', '12'], 'what the form did not take is corrected');
      assert.equal(
        await page.locator('form[toolname] output').innerText(),
        '',
        'nothing is sent before the approval',
      );

      await chat.getByRole('button', { name: 'Approve' }).click();
      assert.equal((await ended).reason, 'stop');
      assert.match(await page.locator('form[toolname] output').innerText(), /Ada Lovelace, 12 guests/);
      assert.match(await answer(), /the page has sent it[^]*"number":7/);
      assert.deepEqual(problems, []);
      await close();
    });

    it('stays as it is where the user refuses to send it, and is as it was after Undo', async () => {
      const { page, close, chat, send, values, answer } = await open('booking');
      const empty = await values();
      const ended = send(BOOKING.replace('15', '4'));
      await chat.getByRole('button', { name: 'Refuse' }).click();
      await ended;
      assert.deepEqual(await values(), { ...FILLED, guests: '4' });
      assert.equal(await page.locator('form[toolname] output').innerText(), '');
      assert.match(await answer(), /You did not want it sent/);
      await chat.getByRole('button', { name: 'Undo' }).click();
      await page.waitForFunction(
        (expected) =>
          JSON.stringify(Object.fromEntries(new FormData(document.querySelector('form')))) === expected,
        JSON.stringify(empty),
      );
      await close();
    });

    it('leaves alone what the user has typed meanwhile', async () => {
      const { page, close, chat, send, values, answer } = await open('booking');
      hold('"guests"');
      const ended = send(BOOKING.replace('15', '4'));
      await page.waitForFunction(() => document.querySelector('[name=name]').value !== '');
      await page.locator('[name=notes]').pressSequentially('by the door');
      goOn();
      await chat.getByRole('button', { name: 'Approve' }).click();
      await ended;
      assert.equal((await values()).notes, 'by the door');
      assert.match(await answer(), /left alone: notes/);
      await close();
    });

    it('is as it was when the run is stopped in the middle', async () => {
      const { page, close, send, values, chat } = await open('booking');
      const empty = await values();
      hold('"guests"');
      const ended = send(BOOKING);
      await page.waitForFunction(() => document.querySelector('[name=name]').value !== '');
      await chat.evaluate((element) => element.stop());
      assert.equal((await ended).reason, 'aborted');
      await page.waitForFunction(
        (expected) =>
          JSON.stringify(Object.fromEntries(new FormData(document.querySelector('form')))) === expected,
        JSON.stringify(empty),
      );
      await close();
    });

    it('tells the model what the page rejects', async () => {
      const { page, close, chat, send, answer } = await open('booking');
      await page.evaluate(() => {
        document.addEventListener(
          'submit',
          (event) => {
            event.preventDefault();
            event.stopPropagation();
            event.respondWith(Promise.reject(new Error('We are fully booked.')));
          },
          { capture: true },
        );
      });
      const ended = send(BOOKING.replace('15', '4'));
      await chat.getByRole('button', { name: 'Approve' }).click();
      assert.equal((await ended).reason, 'stop');
      assert.match(await answer(), /could not do it\. It says: .*We are fully booked/);
      await close();
    });

    it('is filled in beside another one, by two calls of one answer', async () => {
      const { page, close, chat, send, values } = await open('booking');
      await page.evaluate(() => {
        const form = document.createElement('form');
        form.setAttribute('toolname', 'change_settings');
        form.setAttribute('tooldescription', 'Changes the settings.');
        const select = document.createElement('select');
        select.name = 'theme';
        for (const theme of ['light', 'dark']) select.append(new Option(theme));
        form.append(select);
        document.body.append(form);
      });
      const ended = send(
        `${BOOKING.replace('15', '4').replace(/ Notes.*/, '')}, and also give me a dark theme`,
      );
      await chat.getByRole('button', { name: 'Approve' }).click();
      await ended;
      assert.equal((await values()).name, FILLED.name);
      assert.equal(await page.locator('[name=theme]').inputValue(), 'dark');
      const results = await chat.evaluate((element) =>
        element.messages
          .flatMap(({ parts }) => parts)
          .filter(({ type }) => type === 'tool')
          .map(({ name, result }) => [name, result.status]),
      );
      assert.deepEqual(results, [
        ['book_table', 'submitted'],
        ['change_settings', 'filled'],
      ]);
      await close();
    });
  });
}

describe('the demo of forms', { timeout: 180_000 }, () => {
  it('changes settings, and sends nothing', async () => {
    const { page, problems, close } = await openPage(browser, `${demo.url}/settings.html`);
    await page
      .locator('ai-stream-chat')
      .evaluate((chat) => chat.send('Dark theme, text size 20, notify me by email and push, no newsletter'));
    const values = await page.locator('form[toolname]').evaluate((form) => [...new FormData(form)]);
    assert.deepEqual(values, [
      ['theme', 'dark'],
      ['text_size', '20'],
      ['notify', 'email'],
      ['notify', 'push'],
      ['password', ''],
    ]);
    assert.equal(await page.evaluate(() => document.documentElement.style.colorScheme), 'dark');
    assert.equal(await page.locator('form[toolname] output').innerText(), '');
    assert.deepEqual(problems, []);
    await close();
  });

  it('filters products', async () => {
    const { page, problems, close } = await openPage(browser, `${demo.url}/filter.html`);
    await page
      .locator('ai-stream-chat')
      .evaluate((chat) => chat.send('Show me red and blue shoes under 90, in stock, cheapest first'));
    assert.equal(
      await page.locator('#products').innerText(),
      'City shoes, blue, 75 €\nTrail shoes, red, 89 €',
    );
    assert.deepEqual(problems, []);
    await close();
  });

  for (const name of ['booking', 'settings', 'filter']) {
    it(`takes fewer than 20 lines of script on the page "${name}"`, async () => {
      const { page, close } = await openPage(browser, `${demo.url}/${name}.html`);
      const lines = (await page.locator('[data-source]').innerText())
        .split('\n')
        .filter((line) => line.trim());
      assert.ok(lines.length > 3 && lines.length < 20, `${lines.length} lines`);
      await close();
    });
  }
});
