import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { PageTools } from '../../../src/elements/page-tools/page-tools.js';
import { until } from '../support.js';
import { createRandom } from '../../support/random.js';
import { ask, clearPage, pageTools, run, runInPieces, show, showForm, type, valuesOf } from './support.js';

const EVERY_FIELD = `
  <input name="text" value="before" required>
  <textarea name="notes">before</textarea>
  <input name="email" type="email">
  <input name="number" type="number" min="1">
  <input name="range" type="range" min="0" max="100" step="5">
  <input name="date" type="date" value="2026-01-01">
  <input name="time" type="time" step="1">
  <input name="start" type="datetime-local">
  <input name="color" type="color">
  <select name="select"><option value="">None</option><option value="a">A</option><option value="ab">AB</option></select>
  <select name="several" multiple><option selected>one</option><option>two</option><option>three</option></select>
  <label><input name="agree" type="checkbox"></label>
  <input name="extras" type="checkbox" value="wifi" checked><input name="extras" type="checkbox" value="park">
  <input name="size" type="radio" value="s" checked><input name="size" type="radio" value="sm">`;

const ARGUMENTS = {
  date: '2027-11-30',
  text: 'Zoë “Z” \n😀 Q',
  number: 120,
  select: 'ab',
  time: '10:30:15',
  notes: 'One\nTwo \\ "three" 😀',
  agree: true,
  several: ['two', 'three'],
  email: 'zoe@example.com',
  range: 55,
  extras: ['park'],
  start: '2027-01-01T10:30',
  size: 'sm',
  color: '#a0b0c0',
};

/** All that was heard from controls that take a value whole or not at all, as they stood then. */
function recordTokens(form: HTMLFormElement): Set<string> {
  const heard = new Set<string>();
  const note = ({ target }: Event): void => {
    const control = target as HTMLInputElement;
    const isText = ['text', 'email', 'textarea'].includes(control.type);
    if (!isText) heard.add(`${control.name}=${new FormData(form).getAll(control.name).join()}`);
  };
  form.addEventListener('input', note);
  form.addEventListener('change', note);
  return heard;
}

const WHOLE_TOKENS = new Set([
  'agree=on',
  'color=#a0b0c0',
  'date=2027-11-30',
  'extras=',
  'extras=park',
  'extras=wifi,park',
  'number=120',
  'range=55',
  'select=ab',
  'several=two,three',
  'size=sm',
  'start=2027-01-01T10:30',
  'time=10:30:15',
]);

describe('filling in a form', () => {
  let tools: PageTools;
  beforeEach(() => {
    tools = pageTools();
  });
  afterEach(() => {
    tools.close();
    clearPage();
  });

  async function atOnce(): Promise<{ values: unknown; result: unknown }> {
    const form = showForm(EVERY_FIELD);
    const result = await run(tools, 'form', ARGUMENTS);
    const values = valuesOf(form);
    clearPage();
    return { values, result };
  }

  it('sets every kind of control', async () => {
    const { values, result } = await atOnce();
    expect(values).to.deep.equal({
      text: ['Zoë “Z” 😀 Q'],
      notes: ['One\nTwo \\ "three" 😀'],
      email: ['zoe@example.com'],
      number: ['120'],
      range: ['55'],
      date: ['2027-11-30'],
      time: ['10:30:15'],
      start: ['2027-01-01T10:30'],
      color: ['#a0b0c0'],
      select: ['ab'],
      several: ['two', 'three'],
      agree: ['on'],
      extras: ['park'],
      size: ['sm'],
    });
    expect(result).to.deep.equal({
      status: 'filled',
      message: 'Filled in. The user has to check it and to submit it.',
      filled: Object.keys(ARGUMENTS),
    });
  });

  it('ends the same wherever the arguments are cut, and never shows half a token', async () => {
    const expected = await atOnce();
    const json = JSON.stringify(ARGUMENTS);
    for (let cut = 1; cut < json.length; cut += 1) {
      const form = showForm(EVERY_FIELD);
      const heard = recordTokens(form);
      const result = await runInPieces(tools, [json.slice(0, cut), json.slice(cut)]);
      expect({ values: valuesOf(form), result }, `cut at ${cut}`).to.deep.equal(expected);
      expect(
        [...heard].filter((token) => !WHOLE_TOKENS.has(token)),
        `cut at ${cut}`,
      ).to.deep.equal([]);
      clearPage();
    }
  });

  it('ends the same at random cuts, and character by character', async () => {
    const expected = await atOnce();
    const json = JSON.stringify(ARGUMENTS);
    const seed = Math.floor(Math.random() * 1_000_000);
    const random = createRandom(seed);
    for (let round = 0; round < 40; round += 1) {
      const share = round === 0 ? 1 : random() * 0.3;
      const pieces = json.split('').reduce<string[]>((cut, character) => {
        if (cut.length === 0 || random() < share) cut.push('');
        cut[cut.length - 1] += character;
        return cut;
      }, []);
      const form = showForm(EVERY_FIELD);
      const heard = recordTokens(form);
      const result = await runInPieces(tools, pieces);
      expect({ values: valuesOf(form), result }, `seed ${seed}, round ${round}`).to.deep.equal(expected);
      const halves = [...heard].filter((token) => !WHOLE_TOKENS.has(token));
      expect(halves, `seed ${seed}, round ${round}`).to.deep.equal([]);
      clearPage();
    }
  });

  it('shows a text while it grows, and says that it has changed once it is whole', async () => {
    const form = showForm('<input name="name"><input name="city">');
    const events: string[] = [];
    const note = ({ type: kind, target }: Event): void => {
      const { name, value } = target as HTMLInputElement;
      events.push(`${kind} ${name} ${value}`);
    };
    form.addEventListener('input', note);
    form.addEventListener('change', note);
    const previews = [
      [{ name: 'Ad' }, 'name'],
      [{ name: 'Ada L' }, 'name'],
      [{ name: 'Ada Lo', city: 'Pa' }, undefined],
    ] as [{ name: string; city?: string }, string | undefined][];
    for (const [args, changed] of previews) {
      tools.preview({ id: 'call', name: 'form', args, path: changed ? [changed] : [] });
      await until(() => valuesOf(form)[args.city ? 'city' : 'name']?.[0] === (args.city ?? args.name));
    }
    await run(tools, 'form', { name: 'Ada Lo', city: 'Paris' });
    expect(events).to.deep.equal([
      'input name Ad',
      'input name Ada L',
      'input name Ada Lo',
      'change name Ada Lo',
      'input city Pa',
      'input city Paris',
      'change city Paris',
    ]);
  });

  it('shows no part of a choice whose name is a number, which comes before others in every object', async () => {
    const form = showForm(
      '<input name="name"><input type="checkbox" name="0" value="a"><input type="checkbox" name="0" value="b">',
    );
    const heard = new Set<string>();
    form.addEventListener('change', () => heard.add((valuesOf(form)['0'] ?? []).join()));
    tools.preview({ id: 'call', name: 'form', args: { name: 'Ada', '0': ['b'] }, path: [] });
    await until(() => valuesOf(form)['name']![0] === 'Ada');
    await run(tools, 'form', { name: 'Ada', '0': ['a', 'b'] });
    expect([...heard]).not.to.include('b');
  });

  it('speaks in events that bubble, and leave shadow roots as those of the user do', async () => {
    const form = showForm('<input name="name"><input type="checkbox" name="ok">');
    const events: string[] = [];
    const note = (event: Event): void => {
      events.push(`${event.constructor.name} ${event.type} ${event.bubbles} ${event.composed}`);
    };
    form.addEventListener('input', note);
    form.addEventListener('change', note);
    form.addEventListener('click', note);
    await run(tools, 'form', { name: 'Ada', ok: true });
    expect(events[0]).to.equal('InputEvent input true true');
    expect(events[1]).to.equal('Event change true false');
    expect(events[2]).to.match(/click true true$/);
    expect(events.slice(3)).to.deep.equal(['Event input true true', 'Event change true false']);
  });

  it('takes the focus from nobody', async () => {
    showForm(EVERY_FIELD);
    const place = show('<button>Elsewhere</button>');
    place.querySelector('button')!.focus();
    await run(tools, 'form', { ...ARGUMENTS, text: '', number: 0 });
    expect(document.activeElement).to.equal(place.querySelector('button'));
  });

  it('leaves alone what the user types into, and says so', async () => {
    const form = showForm('<input name="name"><input name="city">');
    const [name, city] = form.querySelectorAll('input');
    const asked = ask();
    tools.preview({ id: 'call', name: 'form', args: { name: 'Ada' }, path: ['name'] });
    await until(() => name!.value === 'Ada');
    name!.focus();
    await sendKeys({ type: '!' });
    tools.preview({ id: 'call', name: 'form', args: { name: 'Ada Lovelace', city: 'P' }, path: ['city'] });
    const result = await run(tools, 'form', { name: 'Ada Lovelace', city: 'Paris' }, asked);
    expect([name!.value, city!.value]).to.deep.equal(['Ada!', 'Paris']);
    expect(result).to.deep.include({ filled: ['city'], kept: ['name'] });
    asked.undo!();
    await until(() => city!.value === '');
    expect([name!.value, city!.value]).to.deep.equal(['Ada!', '']);
  });

  it('leaves alone a control outside of the form that the user has changed', async () => {
    const place = show(
      '<form id="f" toolname="form" tooldescription=""></form><input form="f" name="a"><input form="f" name="b">',
    );
    const [a, b] = place.querySelectorAll('input');
    tools.preview({ id: 'call', name: 'form', args: { a: 'x' }, path: ['a'] });
    type(b!, 'mine');
    const result = await run(tools, 'form', { a: 'xy', b: 'theirs' });
    expect([a!.value, b!.value]).to.deep.equal(['xy', 'mine']);
    expect(result.kept).to.deep.equal(['b']);
  });

  it('fills in again what the user had changed before the call began', async () => {
    const form = showForm('<input name="name">');
    type(form.querySelector('input')!, 'Old');
    expect(await run(tools, 'form', { name: 'New' })).to.deep.include({ filled: ['name'] });
    expect(valuesOf(form)).to.deep.equal({ name: ['New'] });
  });

  it('takes everything back in one step, with events', async () => {
    const form = showForm(EVERY_FIELD);
    const before = valuesOf(form);
    const asked = ask();
    await run(tools, 'form', ARGUMENTS, asked);
    const changed = new Set<string>();
    form.addEventListener('change', ({ target }) => changed.add((target as HTMLInputElement).name));
    asked.undo!();
    await until(() => changed.size === Object.keys(ARGUMENTS).length);
    expect(valuesOf(form)).to.deep.equal(before);
    expect([...changed].toSorted()).to.deep.equal(Object.keys(ARGUMENTS).toSorted());
  });

  it('takes back no field that the user has changed since', async () => {
    const form = showForm('<input name="name"><input name="city">');
    const asked = ask();
    await run(tools, 'form', { name: 'Ada', city: 'Paris' }, asked);
    type(form.querySelector('input')!, 'Grace');
    asked.undo!();
    await until(() => valuesOf(form)['city']![0] === '');
    expect(valuesOf(form)).to.deep.equal({ name: ['Grace'], city: [''] });
  });

  it('takes back a radio button where none was chosen before', async () => {
    const form = showForm(
      '<input type="radio" name="size" value="s"><input type="radio" name="size" value="l">',
    );
    const asked = ask();
    await run(tools, 'form', { size: 'l' }, asked);
    expect(valuesOf(form)).to.deep.equal({ size: ['l'] });
    asked.undo!();
    await until(() => !('size' in valuesOf(form)));
  });

  it('offers nothing to take back where nothing has changed', async () => {
    showForm('<input name="name" value="Ada">');
    const asked = ask();
    await run(tools, 'form', { name: 'Ada' }, asked);
    expect(asked.undo).to.equal(undefined);
  });

  it('takes back what it has shown of a call that is not run', async () => {
    const form = showForm(EVERY_FIELD);
    const before = valuesOf(form);
    tools.preview({ id: 'call', name: 'form', args: { ...ARGUMENTS }, path: ['color'] });
    await until(() => valuesOf(form)['size']?.[0] === 'sm');
    tools.cancel('call');
    await until(() => JSON.stringify(valuesOf(form)) === JSON.stringify(before));
  });

  it('takes back what it has shown of a call that is stopped while it fills in', async () => {
    const form = showForm(EVERY_FIELD);
    const before = valuesOf(form);
    const asked = ask();
    const filling = run(tools, 'form', ARGUMENTS, asked).catch((error: unknown) => error);
    asked.abort();
    expect(await filling).to.have.property('name', 'AbortError');
    expect(valuesOf(form)).to.deep.equal(before);
    expect(asked.undo).to.equal(undefined);
  });

  it('gives the page a task of its own for each change, so that frameworks keep up', async () => {
    const form = showForm(
      '<input type="checkbox" name="x" value="1"><input type="checkbox" name="x" value="2">',
    );
    let rendered: unknown = [];
    const known: unknown[] = [];
    form.addEventListener('change', () => {
      known.push(rendered);
      queueMicrotask(() => (rendered = new FormData(form).getAll('x')));
    });
    await run(tools, 'form', { x: ['1', '2'] });
    expect(known).to.deep.equal([[], ['1']]);
  });

  it('takes back what it has shown of arguments that are not there in the end', async () => {
    const form = showForm('<input name="name" value="Ada"><input name="city">');
    tools.preview({ id: 'call', name: 'form', args: { name: 'Grace', city: 'P' }, path: ['city'] });
    await run(tools, 'form', { city: 'Paris' });
    expect(valuesOf(form)).to.deep.equal({ name: ['Ada'], city: ['Paris'] });
  });

  it('writes what a field does not take nowhere, and says so', async () => {
    const form = showForm(EVERY_FIELD);
    const before = valuesOf(form);
    const { status, filled, invalid } = await run(tools, 'form', {
      number: 'many',
      range: 500,
      date: '30.11.2027',
      time: '25:00',
      start: 'now',
      color: 'red',
      select: 'b',
      several: ['one', 'four'],
      agree: 'yes',
      extras: 'park',
      size: 's s',
      text: { first: 'Ada' },
    });
    expect(valuesOf(form)).to.deep.equal(before);
    expect({ status, filled }).to.deep.equal({ status: 'invalid', filled: [] });
    expect(invalid.map(({ constraint }) => constraint)).to.deep.equal(
      Array.from({ length: 12 }, () => 'value'),
    );
    expect(invalid[1]!.message).to.equal('It does not take this value. See the schema.');
  });

  it('does not choose what the user could not choose', async () => {
    const form = showForm(
      '<select name="seat"><option>a</option><optgroup disabled><option>b</option></optgroup><option disabled>c</option></select>',
    );
    for (const seat of ['b', 'c']) {
      expect((await run(tools, 'form', { seat })).invalid).to.have.length(1);
    }
    expect(valuesOf(form)).to.deep.equal({ seat: ['a'] });
  });

  it('empties a field', async () => {
    const form = showForm('<input name="date" type="date" value="2026-01-01"><input name="name" value="x">');
    await run(tools, 'form', { date: '', name: '' });
    expect(valuesOf(form)).to.deep.equal({ date: [''], name: [''] });
  });

  it('writes through the setters of the platform, not through those that a framework has put on an element', async () => {
    const form = showForm('<input name="name">');
    const control = form.querySelector('input')!;
    const written: string[] = [];
    Object.defineProperty(control, 'value', {
      configurable: true,
      get: () => Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.get!.call(control),
      set(value: string) {
        written.push(value);
      },
    });
    await run(tools, 'form', { name: 'Ada' });
    expect(written).to.deep.equal([]);
    expect(control.value).to.equal('Ada');
  });
});
