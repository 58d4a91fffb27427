import { expect } from '@open-wc/testing';
import { fieldsOf } from '../../../src/elements/page-tools/form-fields.js';
import { schemaOf } from '../../../src/elements/page-tools/form-schema.js';
import { FORM_SCHEMAS, NEVER_OFFERED } from '../../support/form-schemas.js';
import { clearPage, show } from './support.js';

function schemaOfForm(html: string, beside = ''): unknown {
  const place = show(`<form id="form">${html}</form>${beside}`);
  return schemaOf(fieldsOf(place.querySelector('form')!).values());
}

/** Firefox and Safari show these as text. */
function isKnown(type: string): boolean {
  const input = document.createElement('input');
  input.type = type;
  return input.type === type;
}

describe('the schema of a form', () => {
  afterEach(clearPage);

  for (const { title, html, beside, properties, required = [] } of FORM_SCHEMAS) {
    const type = /^<[^>]*(?:type="(month|week)")|<input type="(month|week)"/.exec(html);
    const known = !type || isKnown(type[1] ?? type[2] ?? '');
    (known ? it : it.skip)(`is what Chromium derives: ${title}`, () => {
      expect(schemaOfForm(html, beside)).to.deep.equal({ type: 'object', properties, required });
    });
  }

  for (const [title, html] of NEVER_OFFERED) {
    it(`is stricter than Chromium's: ${title} is not in it`, () => {
      const rest = { type: 'object', properties: { name: { type: 'string' } }, required: [] };
      expect(schemaOfForm(`${html}<input name="name">`)).to.deep.equal(rest);
    });
  }

  it('is stricter than that of Chromium in open shadow roots, too: data-ai-deny around the host counts', () => {
    const place = show('<div data-ai-deny><div id="host"></div></div>');
    const root = place.querySelector('#host')!.attachShadow({ mode: 'open' });
    root.innerHTML = '<form><input name="name"></form>';
    expect([...fieldsOf(root.querySelector('form')!).keys()]).to.deep.equal([]);
  });
});
