import { expect } from '@open-wc/testing';
import type { PageTools } from '../../../src/elements/page-tools/page-tools.js';
import { until } from '../support.js';
import { ask, clearPage, pageTools, run, show, showForm, type, valuesOf } from './support.js';

describe('the tools of a page', () => {
  let tools: PageTools;
  beforeEach(() => {
    tools = pageTools();
  });
  afterEach(() => {
    tools.close();
    clearPage();
  });

  const names = (): string[] => tools.tools.map(({ name }) => name);

  describe('which there are', () => {
    it('are its forms with a name and a description, as they stand', () => {
      const place = show(
        '<form toolname="a" tooldescription="A"></form><form toolname="b"></form><form tooldescription="C"></form><form toolname="d" tooldescription=""></form>',
      );
      expect(tools.tools.map(({ name, description }) => [name, description])).to.deep.equal([
        ['a', 'A'],
        ['d', ''],
      ]);
      place.querySelector('form')!.removeAttribute('toolname');
      expect(names()).to.deep.equal(['d']);
      place.querySelector('form')!.setAttribute('toolname', 'later');
      expect(names()).to.deep.equal(['later', 'd']);
    });

    it('are those in open shadow roots, too, however deep', () => {
      const outer = show('<div></div>').firstElementChild!.attachShadow({ mode: 'open' });
      outer.innerHTML = '<p></p>';
      const inner = outer.querySelector('p')!.attachShadow({ mode: 'open' });
      inner.innerHTML = '<form toolname="deep" tooldescription="D"><input name="x"></form>';
      expect(names()).to.deep.equal(['deep']);
    });

    it('are not those of a message, which the model may have written', () => {
      const root = show('<ai-stream-other></ai-stream-other>').firstElementChild!.attachShadow({
        mode: 'open',
      });
      root.innerHTML = '<form toolname="own" tooldescription="O"></form>';
      expect(names()).to.deep.equal([]);
    });

    it('have names that a tool may have, each once', () => {
      show(
        ['a b', '', 'ü', 'x'.repeat(129), 'a.b-c_1', 'a.b-c_1', 'x'.repeat(128)]
          .map((name, index) => `<form toolname="${name}" tooldescription="${index}"></form>`)
          .join(''),
      );
      expect(names()).to.deep.equal(['a.b-c_1', 'x'.repeat(128)]);
      expect(tools.tools[0]!.description).to.equal('4');
    });

    it('are found and run whatever the controls of a form are named', async () => {
      const members = [];
      for (const key in HTMLFormElement.prototype) members.push(key);
      const controls = members.map((key) => `<input name="${key}">`).join('');
      const other = show(`<form>${controls}</form>`);
      const form = showForm(`${controls}<button name="go">Go</button>`, 'toolautosubmit');
      let submissions = 0;
      const count = (event: Event): void => {
        event.preventDefault();
        submissions += 1;
      };
      document.addEventListener('submit', count, { once: true });
      expect(names()).to.deep.equal(['form']);
      const result = await run(tools, 'form', { matches: 'a', elements: 'b', noValidate: 'c' });
      expect(result).to.deep.include({ status: 'submitted', filled: ['matches', 'elements', 'noValidate'] });
      expect(submissions).to.equal(1);
      Element.prototype.setAttribute.call(other, 'inert', '');
      Element.prototype.setAttribute.call(form, 'data-ai-deny', '');
      expect(names()).to.deep.equal([]);
    });

    it('are none, and have no fields, in the slot of what is kept out', () => {
      const host = show('<p><form toolname="in" tooldescription=""></form></p>').querySelector('p')!;
      const root = host.attachShadow({ mode: 'open' });
      root.innerHTML = '<slot></slot>';
      show('<div id="slotted"><form toolname="slotted" tooldescription=""></form></div>');
      const slotted = document.querySelector('#slotted')!.attachShadow({ mode: 'open' });
      slotted.innerHTML = '<div data-ai-deny><slot></slot></div>';
      expect(names()).to.deep.equal(['in']);
    });

    it('are no forms that are inert or bear data-ai-deny', () => {
      show(
        '<form toolname="a" tooldescription="" data-ai-deny></form><div inert><form toolname="b" tooldescription=""></form></div>',
      );
      expect(names()).to.deep.equal([]);
    });
  });

  describe('what is never written', () => {
    const DENIED = `
      <input type="password" name="password"><input type="hidden" name="hidden" value="was"><input type="file" name="file">
      <input name="card" autocomplete="cc-number"><input name="code" autocomplete="one-time-code">
      <input name="readonly" readonly><input name="disabled" disabled><div inert><input name="inert"></div>
      <div data-ai-deny><input name="denied"></div><input type="hidden" name="csrf_token" value="secret">
      <input name="shown_csrf_token" value="secret"><input name="name">`;

    it('is whatever a model may not fill in, even if it names it', async () => {
      const form = showForm(DENIED, 'toolautosubmit');
      const controls = [...form.querySelectorAll('input')];
      const denied = controls.filter(({ name }) => name !== 'name');
      const before = denied.map(({ value }) => value);
      const heard: string[] = [];
      for (const kind of ['input', 'change', 'click', 'submit']) {
        form.addEventListener(kind, ({ target }) => heard.push((target as HTMLInputElement).name));
      }
      const args = Object.fromEntries(controls.map(({ name }) => [name, 'pwned']));
      tools.preview({ id: 'call', name: 'form', args, path: ['name'] });
      const result = await run(
        tools,
        'form',
        args,
        ask('call', () => false),
      );
      expect(denied.map(({ value }) => value)).to.deep.equal(before);
      expect(new Set(heard)).to.deep.equal(new Set(['name']));
      expect(result.refused).to.deep.equal(denied.map(({ name }) => name));
      expect(result.filled).to.deep.equal(['name']);
    });

    it('is what has become a password since it was offered', async () => {
      const form = showForm('<input name="name">');
      const { execute } = tools.tools[0]!;
      form.querySelector('input')!.type = 'password';
      const result = (await execute!({ name: 'x' }, ask().context)) as { refused: string[] };
      expect(result.refused).to.deep.equal(['name']);
      expect(form.querySelector('input')!.value).to.equal('');
    });

    it('is whatever the cases of the conformance set aim at, and nothing is submitted', async function () {
      const response = await fetch('/__shared/conformance/tool-args-a.json');
      if (!response.ok) {
        console.log('The conformance cases are not beside the project: form targets are skipped.');
        this.skip();
      }
      const cases = ((await response.json()) as { id: string; class: string; input: string }[]).filter(
        (one) => one.class.startsWith('form-target'),
      );
      expect(cases.length).to.be.greaterThan(0);
      const form = showForm(
        `${DENIED}<select multiple name="several"><option>pwned</option></select><dialog><input name="inside"></dialog><button>Go</button>`,
        'toolautosubmit',
      );
      const before = JSON.stringify(valuesOf(form));
      let submissions = 0;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        submissions += 1;
      });
      for (const { id, input } of cases) {
        const { selector, value } = JSON.parse(input) as { selector: string; value: string };
        for (const args of [{ [selector]: value }, { selector, value }]) {
          const result = await run(
            tools,
            'form',
            args,
            ask(id, () => false),
          );
          expect(result, id).to.deep.include({ filled: [], refused: Object.keys(args) });
        }
      }
      expect(JSON.stringify(valuesOf(form))).to.equal(before);
      expect(submissions).to.equal(0);
    });
  });

  describe('what the model is told', () => {
    it('names each invalid field with its reason', async () => {
      showForm(`
        <input name="name" required><input name="code" pattern="[A-Z]+"><input name="email" type="email">
        <input name="low" type="number" min="3"><input name="high" type="number" max="3"><input name="step" type="number" step="2">
        <input name="day" type="date" min="2027-01-01"><input name="short" minlength="3"><input name="long" maxlength="3">
        <input name="agree" type="checkbox" required><input name="size" type="radio" value="s" required>
        <input name="own"><input name="fine">`);
      document.querySelector<HTMLInputElement>('[name=own]')!.setCustomValidity('Taken.');
      const { status, invalid, filled } = await run(tools, 'form', {
        name: '',
        code: 'abc',
        email: 'ada',
        low: 1,
        high: 5,
        step: 3,
        day: '2026-12-31',
        short: 'ab',
        long: 'abcd',
        agree: false,
        own: 'x',
        fine: 'x',
      });
      expect(status).to.equal('invalid');
      expect(filled).to.have.length(12);
      expect(invalid.map(({ field, constraint, limit }) => [field, constraint, limit])).to.deep.equal([
        ['name', 'required', undefined],
        ['code', 'pattern', '[A-Z]+'],
        ['email', 'type', 'email'],
        ['low', 'min', '3'],
        ['high', 'max', '3'],
        ['step', 'step', '2'],
        ['day', 'min', '2027-01-01'],
        ['short', 'minlength', '3'],
        ['long', 'maxlength', '3'],
        ['agree', 'required', undefined],
        ['size', 'required', undefined],
        ['own', 'custom', undefined],
      ]);
      expect(invalid.filter(({ message }) => message === '')).to.deep.equal([]);
      expect(invalid.filter(({ message }) => !message).map(({ field }) => field)).to.deep.equal(['size']);
      expect(invalid.at(-1)!.message).to.equal('Taken.');
    });

    it('quotes nothing of what the user has typed', async () => {
      const form = showForm(
        '<input name="name" required><input name="mail" type="email"><input name="pin" minlength="9"><input name="own">',
      );
      type(form.querySelector('[name=mail]')!, 'my private words');
      type(form.querySelector('[name=pin]')!, '12345');
      const own = form.querySelector<HTMLInputElement>('[name=own]')!;
      own.setCustomValidity('Not Grace.');
      const { invalid } = await run(tools, 'form', { name: 'Ada' });
      expect(invalid).to.deep.equal([
        { field: 'mail', constraint: 'type', limit: 'email' },
        { field: 'pin', constraint: 'minlength', limit: '9' },
        { field: 'own', constraint: 'custom' },
      ]);
    });

    it('is found out without an event or a focus on the page', async () => {
      const form = showForm('<input name="name" required>', 'toolautosubmit');
      let events = 0;
      form.addEventListener('invalid', () => (events += 1), true);
      const focused = document.activeElement;
      await run(tools, 'form', {});
      expect(events).to.equal(0);
      expect(document.activeElement).to.equal(focused);
    });

    it('is nothing of the rules of a form that checks itself', async () => {
      showForm('<input name="name" required>', 'novalidate');
      expect((await run(tools, 'form', { name: '' })).status).to.equal('filled');
    });

    it('is that fields are left to the user, but not which', async () => {
      showForm('<input name="name"><input type="password" name="secret" required>', 'toolautosubmit');
      const asked = ask();
      const result = await run(tools, 'form', { name: 'Ada' }, asked);
      expect(result.status).to.equal('filled');
      expect(result.message).to.match(/theirs alone/);
      expect(JSON.stringify(result)).not.to.include('secret');
      expect(asked.questions).to.deep.equal([]);
    });

    it('is an error where the form is gone', async () => {
      showForm('<input name="name">');
      const { execute } = tools.tools[0]!;
      clearPage();
      const result = Promise.resolve(execute!({ name: 'x' }, ask().context));
      const error = await result.catch((reason: Error) => reason);
      expect(error).to.be.an('error');
      expect((error as Error).message).to.equal('The form form is not on the page any more.');
    });
  });

  describe('submitting', () => {
    /** What the page hears of its submissions; the answer goes to the model. */
    function recordSubmissions(form: HTMLFormElement, answer?: () => unknown): unknown[] {
      const heard: unknown[] = [];
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        const agentEvent = event as unknown as { agentInvoked?: boolean; respondWith(result: unknown): void };
        heard.push({ ...valuesOf(form), agentInvoked: agentEvent.agentInvoked });
        if (answer) agentEvent.respondWith(answer());
      });
      return heard;
    }

    it('is the user’s where the form does not say otherwise', async () => {
      const form = showForm('<input name="name"><button>Go</button>');
      const heard = recordSubmissions(form);
      const asked = ask();
      expect((await run(tools, 'form', { name: 'Ada' }, asked)).status).to.equal('filled');
      expect([heard, asked.questions]).to.deep.equal([[], []]);
    });

    it('runs the page’s own handler when the user has approved, and gives its answer to the model', async () => {
      const form = showForm(
        '<input name="name"><button>Go</button>',
        'toolautosubmit tooltitle="Book a table"',
      );
      const heard = recordSubmissions(form, async () => ({ number: 7 }));
      const asked = ask();
      const result = await run(tools, 'form', { name: 'Ada' }, asked);
      expect(asked.questions).to.deep.equal(['Submit Book a table?\nname: "Ada"']);
      expect(heard).to.deep.equal([{ name: ['Ada'], agentInvoked: true }]);
      expect(result).to.deep.equal({
        status: 'submitted',
        message: 'Submitted.',
        filled: ['name'],
        result: { number: 7 },
      });
    });

    it('happens not where the user refuses; what is filled in stays, and can be taken back', async () => {
      const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
      const heard = recordSubmissions(form);
      const asked = ask('call', () => false);
      expect((await run(tools, 'form', { name: 'Ada' }, asked)).status).to.equal('declined');
      expect(heard).to.deep.equal([]);
      expect(valuesOf(form)).to.deep.equal({ name: ['Ada'] });
      asked.undo!();
      await until(() => valuesOf(form)['name']![0] === '');
    });

    it('is not asked about while the form is invalid', async () => {
      const form = showForm('<input name="name" required><button>Go</button>', 'toolautosubmit');
      const heard = recordSubmissions(form);
      const asked = ask();
      expect((await run(tools, 'form', { name: '' }, asked)).status).to.equal('invalid');
      expect([heard, asked.questions]).to.deep.equal([[], []]);
    });

    it('happens not where the user has made the form invalid while asked', async () => {
      const form = showForm('<input name="name" required><button>Go</button>', 'toolautosubmit');
      const heard = recordSubmissions(form);
      const asked = ask('call', () => {
        type(form.querySelector('input')!, '');
        return true;
      });
      const result = await run(tools, 'form', { name: 'Ada' }, asked);
      expect(result).to.deep.include({ status: 'invalid', filled: [], kept: ['name'] });
      expect(heard).to.deep.equal([]);
    });

    it('says that the user has changed a field while asked', async () => {
      const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
      const heard = recordSubmissions(form);
      const asked = ask('call', () => {
        type(form.querySelector('input')!, 'Grace');
        return true;
      });
      const result = await run(tools, 'form', { name: 'Ada' }, asked);
      expect(result).to.deep.include({ status: 'submitted', filled: [], kept: ['name'] });
      expect(heard).to.deep.equal([{ name: ['Grace'], agentInvoked: true }]);
    });

    it('waits for the page where its own button is disabled', async () => {
      for (const button of [
        '<button disabled>Go</button>',
        '<fieldset disabled><button>Go</button></fieldset>',
      ]) {
        const form = showForm(`<input name="name">${button}`, 'toolautosubmit');
        const heard = recordSubmissions(form);
        const result = await run(tools, 'form', { name: 'Ada' });
        expect(result.status).to.equal('filled');
        expect(result.message).to.match(/not let it be submitted/);
        expect(heard).to.deep.equal([]);
        clearPage();
      }
    });

    it('shows all that is going to be sent, whoever has filled it in', async () => {
      const form = showForm(
        '<textarea name="payee"></textarea><input name="amount"><input name="note"><input name="ok" type="checkbox"><input type="password" name="pin" value="1234"><button>Go</button>',
        'toolautosubmit',
      );
      recordSubmissions(form);
      form.querySelector('textarea')!.value = 'Eve\namount: "1"';
      const asked = ask();
      await run(tools, 'form', { amount: '100', ok: true }, asked);
      expect(asked.questions).to.deep.equal([
        'Submit form?\npayee: "Eve\\namount: \\"1\\""\namount: "100"\nok: true',
      ]);
    });

    it('is asked about again where what was shown has changed before the yes', async () => {
      const form = showForm('<input name="payee"><button>Go</button>', 'toolautosubmit');
      const heard = recordSubmissions(form);
      const asked: ReturnType<typeof ask> = ask('call', () => {
        // By a script, which nobody hears of.
        form.querySelector('input')!.value = 'Eve';
        return asked.questions.length === 1;
      });
      expect((await run(tools, 'form', { payee: 'Ada' }, asked)).status).to.equal('declined');
      expect(asked.questions).to.deep.equal(['Submit form?\npayee: "Ada"', 'Submit form?\npayee: "Eve"']);
      expect(heard).to.deep.equal([]);
    });

    it('happens not where the page has changed its mind while the user is asked', async () => {
      for (const change of [
        (form: HTMLFormElement) => form.removeAttribute('toolautosubmit'),
        (form: HTMLFormElement) => form.toggleAttribute('data-ai-deny', true),
        (form: HTMLFormElement) => form.remove(),
        () => tools.close(),
      ]) {
        tools = pageTools();
        const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
        const heard = recordSubmissions(form);
        const asked = ask('call', () => {
          change(form);
          return true;
        });
        const outcome = await run(tools, 'form', { name: 'Ada' }, asked).catch(() => undefined);
        expect(outcome?.status).not.to.equal('submitted');
        expect(heard).to.deep.equal([]);
        clearPage();
      }
    });

    it('ends, and all is taken back, when the page takes its forms back while the user is asked', async () => {
      const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
      const asked = ask('call', () => new Promise<boolean>(() => undefined));
      const ended = run(tools, 'form', { name: 'Ada' }, asked).catch((reason: unknown) => reason);
      await until(() => asked.questions.length > 0);
      tools.close();
      expect((await ended) as Error).to.have.property(
        'message',
        'It was stopped before the form was sent. What was filled in has been taken back.',
      );
      expect(valuesOf(form)).to.deep.equal({ name: [''] });
    });

    it('is told, whatever happens after it', async () => {
      const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      const answers: (() => unknown)[] = [() => cycle, () => ({ response: new Response() })];
      recordSubmissions(form, () => answers.shift()!());
      for (let rest = answers.length; rest > 0; rest -= 1) {
        expect(await run(tools, 'form', { name: 'Ada' })).to.deep.equal({
          status: 'submitted',
          message: 'Submitted. What the page answered cannot be told.',
          filled: ['name'],
        });
      }
      const asked = ask();
      answers.push(() => {
        asked.abort();
        return new Promise(() => undefined);
      });
      expect(await run(tools, 'form', { name: 'Ada' }, asked)).to.deep.include({
        status: 'submitted',
        message: 'Submitted. The run was stopped before the page answered.',
      });
    });

    it('tells the model what the page rejects', async () => {
      const form = showForm('<input name="name">', 'toolautosubmit');
      recordSubmissions(form, () => Promise.reject(new Error('Fully booked.')));
      const error = await run(tools, 'form', { name: 'Ada' }).catch((reason: unknown) => reason);
      expect((error as Error).message).to.equal('The page refused the form: Fully booked.');
    });

    it('sends the name and value of the button, as Enter does', async () => {
      const form = showForm(
        '<button name="action" value="book">Go</button><button>Other</button>',
        'toolautosubmit',
      );
      let submitter: HTMLElement | null | undefined;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        ({ submitter } = event);
      });
      await run(tools, 'form', {});
      expect(submitter).to.equal(form.querySelector('button'));
    });

    it('leaves nothing on the page: a later submission of the user’s is their own', async () => {
      const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
      const heard = recordSubmissions(form) as { agentInvoked?: boolean }[];
      await run(tools, 'form', { name: 'Ada' });
      form.requestSubmit();
      expect(heard.map(({ agentInvoked }) => agentInvoked === true)).to.deep.equal([true, false]);
    });
  });

  describe('several calls', () => {
    it('fill in different forms side by side', async () => {
      const place = show(
        '<form toolname="a" tooldescription=""><input name="x"></form><form toolname="b" tooldescription=""><input name="x"></form>',
      );
      tools.preview({ id: '1', name: 'a', args: { x: 'o' }, path: ['x'] });
      tools.preview({ id: '2', name: 'b', args: { x: 't' }, path: ['x'] });
      await Promise.all([run(tools, 'a', { x: 'one' }, ask('1')), run(tools, 'b', { x: 'two' }, ask('2'))]);
      expect([...place.querySelectorAll('input')].map(({ value }) => value)).to.deep.equal(['one', 'two']);
    });

    it('of the same form wait for each other, so that what was approved is what is submitted', async () => {
      const form = showForm('<input name="name"><button>Go</button>', 'toolautosubmit');
      const sent: unknown[] = [];
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        sent.push(valuesOf(form)['name']);
      });
      let approve: (isApproved: boolean) => void = () => undefined;
      const question = new Promise<boolean>((resolve) => {
        approve = resolve;
      });
      const one = ask('1', () => question);
      const first = run(tools, 'form', { name: 'one' }, one);
      tools.preview({ id: '2', name: 'form', args: { name: 'tw' }, path: ['name'] });
      const second = run(tools, 'form', { name: 'two' }, ask('2'));
      while (one.questions.length === 0) await new Promise(requestAnimationFrame);
      expect(valuesOf(form)).to.deep.equal({ name: ['one'] });
      approve(true);
      await first;
      await second;
      expect(sent).to.deep.equal([['one'], ['two']]);
    });

    it('leave alone what the user has put right between them, until the user’s next message', async () => {
      const form = showForm('<input name="city"><input name="name">');
      await run(tools, 'form', { city: 'Paris' }, ask('1'));
      type(form.querySelector('input')!, 'Rome');
      const second = await run(tools, 'form', { city: 'Paris', name: 'Ada' }, ask('2'));
      expect(second).to.deep.include({ filled: ['name'], kept: ['city'] });
      expect(valuesOf(form)).to.deep.equal({ city: ['Rome'], name: ['Ada'] });
      tools.begin();
      const third = await run(tools, 'form', { city: 'Oslo' }, ask('3'));
      expect(third.filled).to.deep.equal(['city']);
      expect(valuesOf(form)['city']).to.deep.equal(['Oslo']);
    });

    it('that wait end when the run is stopped', async () => {
      showForm('<input name="name">', 'toolautosubmit');
      const first = ask('1', () => new Promise<boolean>(() => undefined));
      void run(tools, 'form', { name: 'one' }, first);
      const second = ask('2');
      const waiting = run(tools, 'form', { name: 'two' }, second).catch((reason: unknown) => reason);
      second.abort();
      expect((await waiting) as Error).to.have.property('name', 'AbortError');
    });
  });
});
