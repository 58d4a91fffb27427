import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFileData, readFileText } from '../../../src/core/dialect/file-data.js';
import type { FilePart } from '../../../src/core/index.js';

function file(fields: Partial<FilePart>): FilePart {
  return { type: 'file', mediaType: 'text/plain', ...fields };
}

describe('the bytes of a file', () => {
  it('are its data, or stand in its address', () => {
    assert.deepEqual(readFileData(file({ data: 'QQ==' })), { mediaType: 'text/plain', base64: 'QQ==' });
    assert.deepEqual(readFileData(file({ url: 'data:image/png;base64,QQ==', mediaType: '' })), {
      mediaType: 'image/png',
      base64: 'QQ==',
    });
    assert.equal(readFileText(file({ url: 'data:,%C3%A4%2C' })), 'ä,');
    assert.equal(readFileText(file({ url: 'data:text/plain;charset=utf-8,a\nb' })), 'a\nb');
    assert.equal(readFileData(file({ url: 'https://example.com/a.txt' })), undefined);
  });

  it('are text by their type only', () => {
    const data = 'e30=';
    for (const mediaType of ['text/csv', 'application/json', 'image/svg+xml', 'application/ld+json']) {
      assert.equal(readFileText(file({ data, mediaType })), '{}', mediaType);
    }
    for (const mediaType of ['application/pdf', 'image/png', 'application/octet-stream']) {
      assert.equal(readFileText(file({ data, mediaType })), undefined, mediaType);
    }
  });
});
