import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from './errors.ts';
import { formatLocation } from './location.ts';
import { readLocation } from './read-location.ts';

const readable: readonly (readonly [string, string])[] = [
  ['acme-data', 's3://acme-data/causeway/'],
  ['s3://acme-data', 's3://acme-data/causeway/'],
  ['s3://acme-data/', 's3://acme-data/causeway/'],
  ['s3://acme-data/in/box', 's3://acme-data/in/box/'],
  ['arn:aws:s3:::acme-data', 's3://acme-data/causeway/'],
  ['arn:aws-us-gov:s3:::acme-data/in/*', 's3://acme-data/in/'],
  [
    'https://s3.console.aws.amazon.com/s3/buckets/acme-data?region=eu-west-1&tab=objects',
    's3://acme-data/causeway/',
  ],
  [
    'https://eu-west-1.console.aws.amazon.com/s3/buckets/acme-data?prefix=in/box/&showversions=false',
    's3://acme-data/in/box/',
  ],
  ['https://acme-data.s3.eu-west-1.amazonaws.com/in/file.csv', 's3://acme-data/in/'],
  ['https://acme-data.s3.amazonaws.com', 's3://acme-data/causeway/'],
  ['https://s3.eu-west-1.amazonaws.com/acme-data/in/', 's3://acme-data/in/'],
  ['https://acme-data.s3.cn-north-1.amazonaws.com.cn/in/', 's3://acme-data/in/'],
];

const refused = [
  '',
  'Acme-Data',
  'acme.data',
  '../acme-data',
  's3://acme-data/../other/',
  's3://acme-data/in//box',
  's3:///in/',
  'arn:aws:s3:eu-west-1:222222222222:accesspoint/acme',
  'arn:aws:s3:::',
  'arn:aws:iam::222222222222:role/x',
  'https://evil.example/s3/buckets/acme-data',
  'https://console.aws.amazon.com.evil.example/s3/buckets/acme-data',
  'https://s3.console.aws.amazon.com/s3/buckets/acme-data%2F..',
  'acme-data--use1-az4--x-s3',
  'acme-data/in',
  'acme-data\nother',
];

describe('readLocation()', () => {
  for (const [text, location] of readable) {
    it(`reads ${text}`, () => {
      assert.equal(formatLocation(readLocation(text)), location);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => readLocation(text),
        (error) => CausewayError.is(error, 'invalid_location'),
      );
    });
  }

  it('takes a prefix that is given beside, with or without slashes around it', () => {
    assert.equal(formatLocation(readLocation('acme-data', '/in/box')), 's3://acme-data/in/box/');
    assert.equal(formatLocation(readLocation('s3://acme-data/x/', '')), 's3://acme-data/');
    assert.throws(() => readLocation('acme-data', '../x'));
  });
});
