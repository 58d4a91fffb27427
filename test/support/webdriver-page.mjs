// What the commands of the test runner use of a puppeteer page, over W3C WebDriver.

/** Keys that are no character: https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS = {
  Backspace: '\uE003',
  Tab: '\uE004',
  Enter: '\uE007',
  Shift: '\uE008',
  Control: '\uE009',
  Alt: '\uE00A',
  Escape: '\uE00C',
  PageUp: '\uE00E',
  PageDown: '\uE00F',
  End: '\uE010',
  Home: '\uE011',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
  Delete: '\uE017',
  Meta: '\uE03D',
};

const BUTTONS = { left: 0, middle: 1, right: 2 };

function keyValue(name) {
  const value = KEYS[name] ?? name;
  if ([...value].length !== 1)
    throw new Error(`There is no key "${name}" in test/support/webdriver-page.mjs.`);
  return value;
}

/** `command` sends a command of the session: method, path and body. */
export function createWebDriverPage(command) {
  const perform = (source) => command('POST', '/actions', { actions: [source] });
  const keys = (...actions) => perform({ type: 'key', id: 'keyboard', actions });
  const pointer = (...actions) =>
    perform({ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions });

  const keyDown = (name) => ({ type: 'keyDown', value: keyValue(name) });
  const keyUp = (name) => ({ type: 'keyUp', value: keyValue(name) });
  const press = (name) => [keyDown(name), keyUp(name)];
  const moveTo = (x, y) => ({ type: 'pointerMove', x, y, duration: 0, origin: 'viewport' });
  const buttonDown = (button = 'left') => ({ type: 'pointerDown', button: BUTTONS[button] });
  const buttonUp = (button = 'left') => ({ type: 'pointerUp', button: BUTTONS[button] });

  const evaluate = (script) => command('POST', '/execute/sync', { script, args: [] });

  /** The rect of a window has its bars in it. The pixel ratio is the display's: nothing sets it. */
  async function setViewport({ width, height }) {
    const [innerWidth, innerHeight] = await evaluate('return [innerWidth, innerHeight]');
    if (innerWidth === width && innerHeight === height) return;
    const outer = await command('GET', '/window/rect');
    await command('POST', '/window/rect', {
      width: outer.width + width - innerWidth,
      height: outer.height + height - innerHeight,
    });
  }

  return {
    keyboard: {
      type: (text) => keys(...[...text].flatMap(press)),
      press: (name) => keys(...press(name)),
      down: (name) => keys(keyDown(name)),
      up: (name) => keys(keyUp(name)),
    },
    mouse: {
      move: (x, y) => pointer(moveTo(x, y)),
      click: (x, y, { button } = {}) => pointer(moveTo(x, y), buttonDown(button), buttonUp(button)),
      down: ({ button } = {}) => pointer(buttonDown(button)),
      up: ({ button } = {}) => pointer(buttonUp(button)),
      reset: () => command('DELETE', '/actions'),
    },
    evaluate,
    setViewport,
    /** Lets go of all keys and buttons, and gives the window its first size back. */
    async reset(viewport) {
      await command('DELETE', '/actions');
      await setViewport(viewport);
    },
  };
}
