import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CausewayError } from './errors.ts';
import { formatLocation, locationsOverlap, parseLocation } from './location.ts';

describe('parseLocation()', () => {
  it('reads bucket and prefix, and ends the prefix in a slash', () => {
    for (const text of ['s3://acme-data/causeway', 's3://acme-data/causeway/']) {
      assert.deepEqual(parseLocation(text), { bucket: 'acme-data', prefix: 'causeway/' });
    }
    assert.deepEqual(parseLocation('s3://acme-data'), { bucket: 'acme-data', prefix: '' });
    assert.deepEqual(parseLocation('s3://acme-data/'), { bucket: 'acme-data', prefix: '' });
  });

  const refused = {
    'acme-data/causeway': 'it does not start with "s3://"',
    's3://Acme/x': '"Acme" is not a bucket name',
    's3://ac/x': '"ac" is not a bucket name',
    's3://a.b.c/x': '"a.b.c" is not a bucket name',
    's3://arn:aws:s3:us-east-1:1:accesspoint/x': 'is not a bucket name',
    's3://acme--x-s3/x': 'ends in "--x-s3", which no general purpose bucket does',
    's3://xn--acme/x': 'begins with "xn--", which AWS reserves',
    's3://acme-data/a/_causeway/b': '"_causeway/" is for what Causeway itself writes',
    's3://acme-data/a//b': 'the prefix has an empty segment',
    's3://acme-data//a': 'the prefix has an empty segment',
    's3://acme-data/a/../b': 'the prefix has the segment ".."',
    's3://acme-data/./b': 'the prefix has the segment "."',
    's3://acme-data/a*': 'the segment "a*" has characters other than',
    's3://acme-data/a b': 'the segment "a b" has characters other than',
    's3://acme-data/a\n': 'has characters other than',
    's3://acme-data/${aws:username}': 'has characters other than',
  };
  for (const [text, reason] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseLocation(text),
        (error) => CausewayError.is(error, 'invalid_location') && error.message.includes(reason),
      );
    });
  }

  it('refuses a prefix that leaves no room for our keys', () => {
    assert.throws(
      () => parseLocation(`s3://acme-data/${'a'.repeat(513)}`),
      /longer than 512 bytes/,
    );
  });
});

const segments = fc.array(fc.stringMatching(/^[a-z0-9]{1,4}$/), { maxLength: 4 });
const locations = segments.map((parts) => parseLocation(`s3://acme-data/${parts.join('/')}`));

describe('locations', () => {
  it('are written the way they are read', () => {
    fc.assert(
      fc.property(locations, (location) => {
        assert.deepEqual(parseLocation(formatLocation(location)), location);
      }),
    );
  });

  it('overlap exactly when a key can lie in both', () => {
    fc.assert(
      fc.property(locations, locations, (a, b) => {
        const longer = a.prefix.length > b.prefix.length ? a : b;
        const key = `${longer.prefix}key`;
        const inBoth = key.startsWith(a.prefix) && key.startsWith(b.prefix);
        assert.equal(locationsOverlap(a, b), inBoth);
      }),
    );
  });

  it('do not overlap when one segment only begins like the other', () => {
    const [t1, t10] = [parseLocation('s3://acme-data/t1'), parseLocation('s3://acme-data/t10')];
    assert.equal(locationsOverlap(t1, t10), false);
  });
});
