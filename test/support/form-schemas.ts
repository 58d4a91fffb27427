/** A form, and the JSON Schema that Chromium 156 (`--enable-features=WebMCP`) derives from it. */
export interface FormSchemaCase {
  readonly title: string;
  /** What the form holds. */
  readonly html: string;
  /** What stands beside the form. */
  readonly beside?: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** One case for each kind of control, and for each way of describing it. */
export const FORM_SCHEMAS: readonly FormSchemaCase[] = [
  {
    title: 'a text input by its label',
    html: '<label>Your name <input name="name"></label>',
    properties: { name: { type: 'string', description: 'Your name' } },
  },
  {
    title: 'a description of its own before the label',
    html: '<label>Name <input name="name" toolparamdescription="First and last name"></label>',
    properties: { name: { type: 'string', description: 'First and last name' } },
  },
  {
    title: 'an aria-description where there is no label',
    html: '<label> <input name="name" aria-description="Full name"></label>',
    properties: { name: { type: 'string', description: 'Full name' } },
  },
  {
    title: 'no description from aria-label, placeholder or title',
    html: '<input name="name" aria-label="A" placeholder="B" title="C">',
    properties: { name: { type: 'string' } },
  },
  {
    title: 'several labels',
    html: '<label for="field">One</label><input id="field" name="name"><label for="field"> Two </label>',
    properties: { name: { type: 'string', description: 'One; Two' } },
  },
  {
    title: 'a label around the control without what the control holds',
    html: '<label>Size <select name="size"><option>S</select> in <b>Europe</b></label><label>Text <textarea name="text">inside</textarea></label>',
    properties: {
      size: {
        type: 'string',
        anyOf: [{ type: 'string', const: 'S', title: 'S' }],
        enum: ['S'],
        description: 'Size  in Europe',
      },
      text: { type: 'string', description: 'Text' },
    },
  },
  {
    title: 'a pattern, and no lengths',
    html: '<input name="code" pattern="[A-Z]{3}" minlength="2" maxlength="5" required>',
    properties: { code: { type: 'string', pattern: '[A-Z]{3}' } },
    required: ['code'],
  },
  {
    title: 'no pattern that is no regular expression',
    html: '<input name="code" pattern="[">',
    properties: { code: { type: 'string' } },
  },
  {
    title: 'an empty pattern',
    html: '<input name="code" pattern="">',
    properties: { code: { type: 'string', pattern: '' } },
  },
  {
    title: 'email',
    html: '<input type="email" name="email" pattern=".+@example[.]com" multiple>',
    properties: { email: { type: 'string', pattern: '.+@example[.]com' } },
  },
  {
    title: 'url',
    html: '<input type="url" name="url" pattern="https:.*">',
    properties: { url: { type: 'string', pattern: 'https:.*' } },
  },
  {
    title: 'tel',
    html: '<input type="tel" name="tel" pattern="[0-9]+">',
    properties: { tel: { type: 'string', pattern: '[0-9]+' } },
  },
  {
    title: 'search',
    html: '<input type="search" name="search">',
    properties: { search: { type: 'string' } },
  },
  {
    title: 'an input of an unknown type',
    html: '<input type="nothing" name="text" pattern="x">',
    properties: { text: { type: 'string', pattern: 'x' } },
  },
  {
    title: 'textarea',
    html: '<textarea name="notes" required pattern="x" minlength="2"></textarea>',
    properties: { notes: { type: 'string' } },
    required: ['notes'],
  },
  {
    title: 'number',
    html: '<label>Guests <input type="number" name="guests" min="1" max="12"></label>',
    properties: { guests: { type: 'number', minimum: 1, maximum: 12, multipleOf: 1, description: 'Guests' } },
  },
  {
    title: 'number without limits',
    html: '<input type="number" name="number">',
    properties: { number: { type: 'number', multipleOf: 1 } },
  },
  {
    title: 'number with fractions',
    html: '<input type="number" name="number" min="-1.5" max="1e3" step="0.1">',
    properties: { number: { type: 'number', minimum: -1.5, maximum: 1000, multipleOf: 0.1 } },
  },
  {
    title: 'number with any step',
    html: '<input type="number" name="number" step="ANY" min="x">',
    properties: { number: { type: 'number' } },
  },
  {
    title: 'number whose steps are no multiples',
    html: '<input type="number" name="number" min="1" max="10" step="2">',
    properties: { number: { type: 'number', minimum: 1, maximum: 10 } },
  },
  {
    title: 'number whose steps begin at its value',
    html: '<input type="number" name="number" value="3" step="2">',
    properties: { number: { type: 'number' } },
  },
  {
    title: 'number with a step that is none',
    html: '<input type="number" name="number" step="-1" min=" 1" max="1.">',
    properties: { number: { type: 'number', multipleOf: 1 } },
  },
  {
    title: 'range',
    html: '<input type="range" name="range">',
    properties: { range: { type: 'number', minimum: 0, maximum: 100, multipleOf: 1 } },
  },
  {
    title: 'range with limits',
    html: '<label>Price <input type="range" name="range" min="5" max="50" step="5"></label>',
    properties: { range: { type: 'number', minimum: 5, maximum: 50, multipleOf: 5, description: 'Price' } },
  },
  {
    title: 'range with any step',
    html: '<input type="range" name="range" step="any">',
    properties: { range: { type: 'number', minimum: 0, maximum: 100, multipleOf: 1 } },
  },
  {
    title: 'range whose limits cross',
    html: '<input type="range" name="range" min="200">',
    properties: { range: { type: 'number', minimum: 200, maximum: 200, multipleOf: 1 } },
  },
  {
    title: 'range whose steps begin at its value',
    html: '<input type="range" name="range" value="33" step="10">',
    properties: { range: { type: 'number', minimum: 0, maximum: 100 } },
  },
  {
    title: 'date',
    html: '<label>Day <input type="date" name="date" min="2026-01-01" required></label>',
    properties: {
      date: {
        type: 'string',
        format: 'date',
        description: "Day (Dates MUST be provided in 'YYYY-MM-DD' format.)",
      },
    },
    required: ['date'],
  },
  {
    title: 'date without a label',
    html: '<input type="date" name="date">',
    properties: {
      date: { type: 'string', format: 'date', description: "Dates MUST be provided in 'YYYY-MM-DD' format." },
    },
  },
  {
    title: 'time',
    html: '<input type="time" name="time">',
    properties: { time: { type: 'string', format: '^([01][0-9]|2[0-3]):[0-5][0-9]$' } },
  },
  {
    title: 'time with seconds',
    html: '<input type="time" name="time" step="30">',
    properties: { time: { type: 'string', format: '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$' } },
  },
  {
    title: 'time with fractions of seconds',
    html: '<input type="time" name="time" step="0.1">',
    properties: {
      time: { type: 'string', format: '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,3})?)?$' },
    },
  },
  {
    title: 'time with a step of minutes',
    html: '<input type="time" name="time" step="90">',
    properties: { time: { type: 'string', format: '^([01][0-9]|2[0-3]):[0-5][0-9]$' } },
  },
  {
    title: 'datetime-local',
    html: '<input type="datetime-local" name="start">',
    properties: {
      start: { type: 'string', format: '^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$' },
    },
  },
  {
    title: 'datetime-local with seconds',
    html: '<input type="datetime-local" name="start" step="1">',
    properties: {
      start: {
        type: 'string',
        format: '^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$',
      },
    },
  },
  {
    title: 'month',
    html: '<label>Month <input type="month" name="month"></label>',
    properties: { month: { type: 'string', format: '^[0-9]{4}-(0[1-9]|1[0-2])$', description: 'Month' } },
  },
  {
    title: 'week',
    html: '<input type="week" name="week" required>',
    properties: { week: { type: 'string', format: '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$' } },
    required: ['week'],
  },
  {
    title: 'color',
    html: '<label>Color <input type="color" name="color"></label>',
    properties: { color: { type: 'string', format: '^#[0-9a-zA-Z]{6}$', description: 'Color' } },
  },
  {
    title: 'select',
    html: '<label>Seat <select name="seat"><option value="">Any</option><option value="in">Inside</option><option>Out</option></select></label>',
    properties: {
      seat: {
        type: 'string',
        anyOf: [
          { type: 'string', const: '', title: 'Any' },
          { type: 'string', const: 'in', title: 'Inside' },
          { type: 'string', const: 'Out', title: 'Out' },
        ],
        enum: ['', 'in', 'Out'],
        description: 'Seat',
      },
    },
  },
  {
    title: 'select with groups, and options that cannot be chosen',
    html: '<select name="seat" required><optgroup label="G" disabled><option value="g">G</option></optgroup><option value="d" disabled>D</option><option value="l" label="L">Text</option></select>',
    properties: {
      seat: {
        type: 'string',
        anyOf: [
          { type: 'string', const: 'g', title: 'G' },
          { type: 'string', const: 'd', title: 'D' },
          { type: 'string', const: 'l', title: 'Text' },
        ],
        enum: ['g', 'd', 'l'],
      },
    },
    required: ['seat'],
  },
  {
    title: 'select with spaces in its options',
    html: '<select name="seat"><option value=" a "> A  a </option><option> B  b </option><option value="c" label="C"></option></select>',
    properties: {
      seat: {
        type: 'string',
        anyOf: [
          { type: 'string', const: ' a ', title: ' A  a ' },
          { type: 'string', const: 'B b', title: ' B  b ' },
          { type: 'string', const: 'c', title: '' },
        ],
        enum: [' a ', 'B b', 'c'],
      },
    },
  },
  {
    title: 'select without options',
    html: '<select name="seat"></select>',
    properties: { seat: { type: 'string', anyOf: [], enum: [] } },
  },
  {
    title: 'multiple select',
    html: '<label>Days <select name="days" multiple required><option value="1">Mon</option><option value="2" disabled>Tue</option></select></label>',
    properties: {
      days: {
        type: 'array',
        items: {
          type: 'string',
          anyOf: [
            { type: 'string', const: '1', title: 'Mon' },
            { type: 'string', const: '2', title: 'Tue' },
          ],
          enum: ['1', '2'],
        },
        uniqueItems: true,
        description: 'Days',
      },
    },
    required: ['days'],
  },
  {
    title: 'radio buttons',
    html: '<label>Small <input type="radio" name="size" value="s"></label><label>Large <input type="radio" name="size" value="l" required></label>',
    properties: {
      size: {
        type: 'string',
        anyOf: [
          { type: 'string', const: 's', title: 'Small' },
          { type: 'string', const: 'l', title: 'Large' },
        ],
        enum: ['s', 'l'],
      },
    },
    required: ['size'],
  },
  {
    title: 'radio buttons without values and labels',
    html: '<input type="radio" name="size" toolparamdescription="x"><input type="radio" name="size" value="l" aria-description="y">',
    properties: {
      size: {
        type: 'string',
        anyOf: [
          { type: 'string', const: 'on' },
          { type: 'string', const: 'l' },
        ],
        enum: ['on', 'l'],
      },
    },
  },
  {
    title: 'one radio button',
    html: '<label>Only <input type="radio" name="size" value="s"></label>',
    properties: {
      size: {
        type: 'string',
        anyOf: [{ type: 'string', const: 's', title: 'Only' }],
        enum: ['s'],
        description: 'Only',
      },
    },
  },
  {
    title: 'a radio button beside a disabled one',
    html: '<label>Small <input type="radio" name="size" value="s"></label><input type="radio" name="size" value="l" disabled required>',
    properties: {
      size: {
        type: 'string',
        anyOf: [{ type: 'string', const: 's', title: 'Small' }],
        enum: ['s'],
        description: 'Small',
      },
    },
  },
  {
    title: 'checkbox',
    html: '<label>Agree <input type="checkbox" name="agree" value="yes" required></label>',
    properties: { agree: { type: 'boolean', description: 'Agree' } },
    required: ['agree'],
  },
  {
    title: 'checkboxes',
    html: '<fieldset><legend>Extras</legend><label>Wifi <input type="checkbox" name="extras" value="wifi" toolparamdescription="x"></label><label>Parking <input type="checkbox" name="extras" value="parking" required></label></fieldset>',
    properties: {
      extras: {
        type: 'array',
        items: {
          type: 'string',
          anyOf: [
            { type: 'string', const: 'wifi', title: 'Wifi' },
            { type: 'string', const: 'parking', title: 'Parking' },
          ],
          enum: ['wifi', 'parking'],
        },
        uniqueItems: true,
      },
    },
    required: ['extras'],
  },
  {
    title: 'several controls',
    html: '<input name="b" required><input name="a" type="number"><select name="c"><option>1</select>',
    properties: {
      b: { type: 'string' },
      a: { type: 'number', multipleOf: 1 },
      c: { type: 'string', anyOf: [{ type: 'string', const: '1', title: '1' }], enum: ['1'] },
    },
    required: ['b'],
  },
  {
    title: 'controls that only belong to the form',
    html: '<input name="here">',
    beside: '<input name="there" form="form">',
    properties: { here: { type: 'string' }, there: { type: 'string' } },
  },
  {
    title: 'a name that two text inputs share: left out',
    html: '<input name="other"><input name="same"><input name="same">',
    properties: { other: { type: 'string' } },
  },
  {
    title: 'a name that controls of two kinds share: left out',
    html: '<input name="same" type="radio" value="1"><input name="same" type="checkbox" value="2">',
    properties: {},
  },
  {
    title: 'a checkbox with a hidden partner: left out',
    html: '<input name="same" type="hidden" value="0"><input name="same" type="checkbox" value="1">',
    properties: {},
  },
  {
    title: 'a name that a fieldset has too: left out',
    html: '<fieldset name="same"><input name="same"></fieldset>',
    properties: {},
  },
  {
    title: 'buttons, outputs and files: left out',
    html: '<button name="a">A</button><input type="submit" name="b"><input type="button" name="c"><output name="d"></output><input type="file" name="e"><input type="hidden" name="f"><input type="reset" name="g">',
    properties: {},
  },
  {
    title: 'what is disabled or read-only: left out',
    html: '<input name="a" disabled><fieldset disabled><legend><input name="b"></legend><input name="c"></fieldset><input name="d" readonly required><textarea name="e" readonly></textarea><select name="f" disabled></select>',
    properties: { b: { type: 'string' } },
  },
  {
    title: 'a name that a disabled control shares',
    html: '<input name="same" disabled><input name="same">',
    properties: { same: { type: 'string' } },
  },
  {
    title: 'names with spaces',
    html: '<input name="first name">',
    properties: { 'first name': { type: 'string' } },
  },
];

/** Controls that Chromium offers to a model, and the chat does not: title and HTML. */
export const NEVER_OFFERED: readonly (readonly [title: string, html: string])[] = [
  ['a password', '<input type="password" name="denied">'],
  ['a password that is shown', '<input name="denied" autocomplete="section-a current-password">'],
  ['a new password', '<input name="denied" autocomplete="new-password">'],
  ['the number of a card', '<input name="denied" autocomplete="billing cc-number">'],
  ['the code of a card', '<input name="denied" autocomplete="CC-CSC">'],
  ['the kind of a card', '<select name="denied" autocomplete="cc-type"><option>1</select>'],
  ['a code that comes by message', '<input name="denied" autocomplete="one-time-code">'],
  ['what bears data-ai-deny', '<input name="denied" data-ai-deny>'],
  ['what stands in data-ai-deny', '<div data-ai-deny><textarea name="denied"></textarea></div>'],
  [
    'one of several that bears data-ai-deny',
    '<input type="radio" name="denied" value="1"><input type="radio" name="denied" value="2" data-ai-deny>',
  ],
  ['what is inert', '<div inert><input name="denied"></div>'],
  [
    'a read-only control of a kind that HTML lets the user change',
    '<select name="denied" readonly><option>1</select>',
  ],
  ['the token of a request', '<input name="denied_csrf_token">'],
  ['what has no name', '<input>'],
  ['a name that reaches a prototype', '<input name="__proto__">'],
  ['another such name', '<input name="constructor">'],
];
